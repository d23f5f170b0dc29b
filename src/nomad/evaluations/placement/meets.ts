import type { Constraint } from "../../../endpoints/job.ts";
import type { Node, NodeStub } from "../../../endpoints/nodes.ts";

/** A node as a list has it, and whole where it was read. */
export interface SeenNode {
  readonly node: NodeStub;
  readonly whole?: Node | undefined;
}

/** What a target such as `${meta.rack}` is on a node: undefined where it has none, null where that was not read. */
export function targetOn(target: string, { node, whole }: SeenNode): string | undefined | null {
  const name = /^\$\{(.+)\}$/.exec(target)?.[1];
  if (name === undefined) return target;
  switch (name) {
    case "node.unique.id":
      return node.ID;
    case "node.unique.name":
      return node.Name;
    case "node.datacenter":
      return node.Datacenter;
    case "node.class":
      return node.NodeClass;
    case "node.pool":
      return node.NodePool ?? "default";
  }
  if (whole === undefined) return null;
  // "attr.unique.hostname" is the attribute "unique.hostname" (scheduler/feasible, resolveTarget).
  if (name.startsWith("attr.")) return whole.Attributes?.[name.slice("attr.".length)];
  if (name.startsWith("meta.")) return whole.Meta?.[name.slice("meta.".length)];
  return null;
}

/**
 * Whether a node meets a constraint (scheduler/feasible, checkConstraint); undefined where what was read does not tell, as
 * with the operands that compare versions or look at other allocations.
 */
export function meets({ LTarget, Operand, RTarget }: Constraint, seen: SeenNode): boolean | undefined {
  const left = targetOn(LTarget, seen);
  const right = targetOn(RTarget, seen);
  if (Operand === "distinct_hosts" || Operand === "distinct_property") return true;
  if (left === null || right === null) return undefined;
  const both = left !== undefined && right !== undefined;
  const [has, wanted] = [parts(left ?? ""), parts(right ?? "")];
  switch (Operand) {
    case "=":
    case "==":
    case "is":
      return both && left === right;
    case "!=":
    case "not":
      return left !== right;
    case "is_set":
      return left !== undefined;
    case "is_not_set":
      return left === undefined;
    case "set_contains":
    case "set_contains_all":
      return both && wanted.every((part) => has.includes(part));
    case "set_contains_any":
      return both && wanted.some((part) => has.includes(part));
    default:
      // What a node lacks it cannot meet, whatever is asked of it.
      return both ? undefined : false;
  }
}

const parts = (text: string) => text.split(",").map((part) => part.trim());

/** True for a constraint that names single nodes. */
export const pins = ({ LTarget, Operand }: Pick<Constraint, "LTarget" | "Operand">) =>
  /^\$\{(node\.unique\.|attr\.unique\.hostname)/.test(LTarget) && ["=", "==", "is"].includes(Operand);

/** Whether a node's datacenter and pool are the job's. Nomad's patterns know `*` and `?` only (helper/wildcards). */
export function inReach(
  { Datacenters, NodePool }: { readonly Datacenters: readonly string[] | null; readonly NodePool?: string | undefined },
  node: NodeStub,
): boolean {
  return (
    inPool(NodePool || "default", node) &&
    (Datacenters ?? ["*"]).some((pattern) => globMatches(pattern, node.Datacenter))
  );
}

/** The pool `all` has every node. */
export const inPool = (pool: string, node: NodeStub) => pool === "all" || (node.NodePool ?? "default") === pool;

export function globMatches(pattern: string, text: string): boolean {
  const source = [...pattern].map((each) =>
    each === "*" ? ".*" : each === "?" ? "." : each.replace(/[\\^$.+()[\]{}|]/, "\\$&"),
  );
  return new RegExp(`^${source.join("").replaceAll(/(\.\*)+/g, ".*")}$`).test(text);
}
