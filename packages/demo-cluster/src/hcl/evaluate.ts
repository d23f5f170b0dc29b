import { notInDemo } from "../errors.ts";
import type { Diagnostic, Expression } from "./syntax.ts";

/** What could not be worked out; whatever is made of it is unknown too. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** What an expression can come to. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value } | typeof UNKNOWN;

/** What expressions may refer to, and where their mistakes are noted. */
export interface Scope {
  source: string;
  /** `var` and `local`. */
  names: Record<string, Record<string, Value>>;
  problems: Diagnostic[];
  /** Mistakes in what is passed to drivers: Nomad looks at that last. */
  late: Diagnostic[];
}

const NO_ELEMENT = "The given key does not identify an element in this collection value.";

const FILES = new Set(["abspath", "basename", "dirname", "file", "filebase64", "fileexists", "fileset", "pathexpand"]);

/** The functions that Nomad knows; the demo runs none of them, and says so. */
const FUNCTIONS = new Set(
  `abs base64decode base64encode bcrypt can ceil chomp chunklist cidrhost cidrnetmask cidrsubnet cidrsubnets coalesce
  coalescelist compact concat contains convert csvdecode distinct element flatten floor format formatdate formatlist indent
  index join jsondecode jsonencode keys length log lookup lower max merge min parseint pow range reverse replace
  regex_replace rsadecrypt setintersection setproduct setunion sha256 sha512 signum slice sort split strlen strrev substr
  timeadd title trim trimprefix trimspace trimsuffix try upper urlencode uuidv4 uuidv5 values yamldecode yamlencode zipmap
  md5 sha1`.split(/\s+/),
);

function isObject(value: Value): value is { [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as part of a string. */
function textOf(value: Value): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return undefined;
}

/** What an expression comes to; what is wrong with it goes to the scope's problems. */
export function evaluate(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "tuple":
      return expression.items.map((item) => evaluate(item, scope));
    case "object":
      return Object.fromEntries(
        expression.items.map(({ key, value }) => [textOf(evaluate(key, scope)) ?? "", evaluate(value, scope)]),
      );
    case "template":
      return template(expression, scope);
    case "call":
      return call(expression, scope);
    case "traversal":
      return traverse(expression, scope);
  }
}

function template(expression: Extract<Expression, { kind: "template" }>, scope: Scope): Value {
  const { parts, wrapped } = expression;
  const only = parts[0];
  if (wrapped && only !== undefined && typeof only !== "string") return evaluate(only, scope);
  let text = "";
  let known = true;
  for (const part of parts) {
    if (typeof part === "string") {
      text += part;
      continue;
    }
    const value = evaluate(part, scope);
    if (value === UNKNOWN) {
      known = false;
      continue;
    }
    const said = textOf(value);
    if (said === undefined) {
      const detail =
        value === null
          ? "The expression result is null. Cannot include a null value in a string template."
          : "Cannot include the given value in a string template: string required.";
      scope.problems.push({ span: part.span, summary: "Invalid template interpolation value", detail });
      known = false;
    } else text += said;
  }
  return known ? text : UNKNOWN;
}

function call(expression: Extract<Expression, { kind: "call" }>, scope: Scope): Value {
  const { name, nameSpan, start } = expression;
  if (FUNCTIONS.has(name)) throw notInDemo(`HCL functions (${name})`);
  if (FILES.has(name)) {
    const detail = `Call to function "${name}" failed: filesystem function disabled.`;
    scope.problems.push({ span: start, summary: "Error in function call", detail });
  } else {
    const near = suggest(name, [...FUNCTIONS, ...FILES]);
    const detail = `There is no function named "${name}".${near ? ` Did you mean "${near}"?` : ""}`;
    scope.problems.push({ span: nameSpan, summary: "Call to unknown function", detail });
  }
  return UNKNOWN;
}

function traverse(expression: Extract<Expression, { kind: "traversal" }>, scope: Scope): Value {
  const known = scope.names[expression.root];
  // what the file does not define is for the client to fill in: it stays as it is written
  if (known === undefined) return asWritten(expression, scope.source);
  let value: Value = known;
  for (const { key: given, span } of expression.steps) {
    const key: Value = typeof given === "object" ? evaluate(given, scope) : given;
    if (value === UNKNOWN || key === UNKNOWN) return UNKNOWN;
    const fail = (summary: string, detail: string): typeof UNKNOWN => {
      scope.problems.push({ span, summary, detail });
      return UNKNOWN;
    };
    if (Array.isArray(value)) {
      const index: number = Number(key);
      const item: Value | undefined = Number.isInteger(index) ? value[index] : undefined;
      if (item === undefined) return fail("Invalid index", NO_ELEMENT);
      value = item;
    } else if (isObject(value)) {
      const name: string = String(key as string | number);
      const item: Value | undefined = Object.hasOwn(value, name) ? value[name] : undefined;
      if (item === undefined)
        return fail("Unsupported attribute", `This object does not have an attribute named "${name}".`);
      value = item;
    } else if (value === null)
      return fail(
        "Attempt to get attribute from null value",
        "This value is null, so it does not have any attributes.",
      );
    else return fail("Unsupported attribute", "This value does not have any attributes.");
  }
  return value;
}

/** `${attr.kernel.name}`, with the blanks that were in it. */
function asWritten({ span }: Expression, source: string): string {
  const before = /\$\{ *$/.exec(source.slice(0, span.from))?.[0];
  const text = source.slice(span.from, span.to);
  if (before === undefined) return `\${${text}}`;
  const after = /^ *\}/.exec(source.slice(span.to))?.[0] ?? "}";
  return `${before}${text}${after}`;
}

/** The first name that is at most two letters away. */
export function suggest(name: string, known: readonly string[]): string | undefined {
  return known.find((other) => distance(name, other) < 3);
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
