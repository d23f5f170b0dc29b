import type { Constraint } from "../state/job-types.ts";
import type { Node } from "../state/node-types.ts";

/** What `${attr.kernel.name}` and the like mean on a node; undefined where the node does not have it. */
function resolveTarget(target: string, node: Node): string | undefined {
  if (!target.startsWith("${")) return target;
  const name = target.slice(2, -1);
  if (name === "node.unique.id") return node.ID;
  if (name === "node.unique.name") return node.Name;
  if (name === "node.datacenter") return node.Datacenter;
  if (name === "node.class") return node.NodeClass;
  if (name === "node.pool") return node.NodePool;
  if (name.startsWith("attr.")) return node.Attributes[name.slice(5)];
  if (name.startsWith("meta.")) return node.Meta[name.slice(5)];
  return undefined;
}

/** Whether it looks at something that differs from node to node of a class, so that one node says nothing of the next. */
export function escapesClass(constraint: Constraint): boolean {
  return [constraint.LTarget, constraint.RTarget].some((target) => /^\$\{(node|attr|meta)\.unique\./.test(target));
}

/** How a constraint is named in an allocation's metrics. */
export function constraintText(constraint: Constraint): string {
  return `${constraint.LTarget} ${constraint.Operand} ${constraint.RTarget}`;
}

/** Whether a node meets a constraint. distinct_hosts and distinct_property are looked at elsewhere. */
export function meetsConstraint(constraint: Constraint, node: Node): boolean {
  const left = resolveTarget(constraint.LTarget, node);
  const right = resolveTarget(constraint.RTarget, node);
  const both = left !== undefined && right !== undefined;
  switch (constraint.Operand) {
    case "distinct_hosts":
    case "distinct_property":
      return true;
    case "=":
    case "==":
    case "is":
      return both && left === right;
    case "!=":
    case "not":
      return left !== right;
    case "<":
    case "<=":
    case ">":
    case ">=":
      return both && inOrder(constraint.Operand, left, right);
    case "is_set":
      return left !== undefined;
    case "is_not_set":
      return left === undefined;
    case "regexp":
      return both && matches(left, right);
    case "version":
    case "semver":
      return both && versionMeets(left, right);
    case "set_contains":
    case "set_contains_all":
      return both && parts(right).every((part) => parts(left).includes(part));
    case "set_contains_any":
      return both && parts(right).some((part) => parts(left).includes(part));
    default:
      return false;
  }
}

const parts = (text: string) => text.split(",").map((part) => part.trim());

function matches(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}

function inOrder(operand: string, left: string, right: string): boolean {
  const numbers = /^-?\d+(\.\d+)?$/;
  const numeric = numbers.test(left) && numbers.test(right);
  const compared = numeric ? Number(left) - Number(right) : left < right ? -1 : left > right ? 1 : 0;
  return holds(operand, compared);
}

function holds(operand: string, compared: number): boolean {
  if (operand === "<") return compared < 0;
  if (operand === "<=") return compared <= 0;
  if (operand === ">") return compared > 0;
  if (operand === ">=") return compared >= 0;
  if (operand === "!=") return compared !== 0;
  return compared === 0;
}

function compareVersions(a: number[], b: number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const digits = (text: string) => text.replace(/^v/, "").split(/[-+]/)[0]?.split(".").map(Number) ?? [];

/** hashicorp/go-version's constraints as far as jobs use them: comparisons joined by commas, and `~>`. */
function versionMeets(version: string, wanted: string): boolean {
  const have = digits(version);
  if (have.some(Number.isNaN)) return false;
  return wanted.split(",").every((part) => {
    const match = /^\s*(=|!=|>=|<=|>|<|~>)?\s*(\S+)\s*$/.exec(part);
    if (!match) return false;
    const want = digits(match[2] ?? "");
    const compared = compareVersions(have, want);
    if (match[1] !== "~>") return holds(match[1] ?? "=", compared);
    const fixed = Math.max(1, want.length - 1);
    return compared >= 0 && want.slice(0, fixed).every((digit, at) => have[at] === digit);
  });
}
