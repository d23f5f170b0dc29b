import { HttpError } from "./errors.ts";
import { type Filter, parseFilter } from "./filter-grammar.ts";

/** Fields that are maps in Nomad: a key that is missing there is no mistake, a field that is missing in an object is. */
const MAPS = new Set([
  "Meta",
  "Env",
  "Config",
  "TaskStates",
  "Attributes",
  "Drivers",
  "Links",
  "HostVolumes",
  "Volumes",
  "FailedTGAllocs",
  "QueuedAllocations",
  "ClassEligibility",
  "Details",
  "TaskLifecycles",
  "DesiredTGUpdates",
  "NodesAvailable",
  "ClassFiltered",
  "ConstraintFiltered",
  "ClassExhausted",
  "DimensionExhausted",
  "ResourcesExhausted",
]);

type Found = { value: unknown; map: boolean } | "absent";

class FilterError extends Error {}

function isMap(name: string, value: unknown): boolean {
  if (MAPS.has(name)) return true;
  // groups are a list in a job and a map in a deployment; tasks likewise in what is allocated
  return (name === "TaskGroups" || name === "Tasks") && !Array.isArray(value);
}

/** What the names of the `any` and `all` around an expression stand for. */
type Scope = Readonly<Record<string, { readonly value: unknown; readonly path: string }>>;

function find(datum: unknown, path: readonly string[], scope: Scope): Found {
  const [head = "", ...rest] = path;
  const bound = Object.hasOwn(scope, head) ? scope[head] : undefined;
  if (bound === undefined) return walk(datum, path);
  if (rest.length > 0 && (bound.value === null || typeof bound.value !== "object"))
    throw new FilterError(`${bound.path} references a ${kind(bound.value)} so /${path.join("/")} is invalid`);
  return walk(bound.value, rest);
}

function walk(datum: unknown, path: readonly string[]): Found {
  let value = datum;
  let map = false;
  for (const [at, part] of path.entries()) {
    const missing = (what: string) =>
      new FilterError(`error finding value in datum: /${path.join("/")} at part ${at}: ${what}`);
    if (Array.isArray(value)) {
      const index = Number(part);
      if (!Number.isInteger(index)) throw missing(`couldn't convert value "${part}" to type int`);
      if (index < 0 || index >= value.length)
        throw missing(`index ${index} is out of range (length = ${value.length})`);
      value = value[index];
      map = false;
      continue;
    }
    if (map || (value !== null && typeof value === "object")) {
      const object = (value ?? {}) as Record<string, unknown>;
      if (!Object.hasOwn(object, part)) {
        if (map && at === path.length - 1 && at > 0) return "absent";
        throw missing(
          map ? `couldn't find key ${JSON.stringify(part)}` : `couldn't find key: struct field with name "${part}"`,
        );
      }
      value = object[part];
      map = !map && isMap(part, value);
      continue;
    }
    throw new FilterError(
      `error finding value in datum: /${path.join("/")}: at part ${at}, invalid value kind: ${kind(value)}`,
    );
  }
  return { value, map };
}

function kind(value: unknown): string {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "int";
  if (value === null || value === undefined) return "invalid";
  return Array.isArray(value) ? "slice" : "struct";
}

function coerce(text: string, like: unknown): unknown {
  const fail = (parse: string) =>
    new FilterError(
      `error getting match value in expression: strconv.${parse}: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  if (typeof like === "boolean") {
    if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
    if (["0", "f", "F", "FALSE", "false", "False"].includes(text)) return false;
    throw fail("ParseBool");
  }
  if (typeof like === "number") {
    if (!/^[+-]?\d+$/.test(text)) throw fail("ParseInt");
    return Number(text);
  }
  return text;
}

function evaluate(filter: Filter, datum: unknown, scope: Scope = {}): boolean {
  if (filter.kind === "and") return evaluate(filter.left, datum, scope) && evaluate(filter.right, datum, scope);
  if (filter.kind === "or") return evaluate(filter.left, datum, scope) || evaluate(filter.right, datum, scope);
  if (filter.kind === "not") return !evaluate(filter.inner, datum, scope);
  if ("names" in filter) {
    const holds = (inner: Scope) => evaluate(filter.inner, datum, { ...scope, ...inner });
    const members = membersOf(filter, find(datum, filter.path, scope));
    return filter.kind === "any" ? members.some(holds) : members.every(holds);
  }
  const found = find(datum, filter.path, scope);
  if (found === "absent")
    return filter.operator === "empty" || filter.operator === "nil" ? !filter.negated : filter.negated;
  return matches(filter, found) !== filter.negated;
}

/** What `any` and `all` give names to: of one name a list's members or a map's keys, of two its places and its members. */
function membersOf({ path, names }: Extract<Filter, { names: string[] }>, found: Found): Scope[] {
  const value = found === "absent" ? null : found.value;
  if (value === null) return [];
  if (typeof value !== "object") throw new FilterError(`${path.join(".")} is not a list or a map`);
  const [first = "_", second] = names;
  const list = Array.isArray(value);
  return Object.entries(value).map(([key, member]) => {
    const place = { value: list ? Number(key) : key, path: `/${first}` };
    if (second === undefined) return { [first]: list ? { value: member, path: `/${first}` } : place };
    return { [first]: place, [second]: { value: member, path: `/${second}` } };
  });
}

function matches(
  { operator, value: wanted, path }: Extract<Filter, { kind: "match" }>,
  found: Exclude<Found, "absent">,
): boolean {
  const { value } = found;
  const collection = found.map || Array.isArray(value);
  const selector = JSON.stringify(path.join("."));
  switch (operator) {
    case "equal":
      if (collection || typeof value === "object" || value === undefined)
        throw new FilterError("unable to find suitable primitive comparison function for matching");
      return coerce(wanted, value) === value;
    case "in":
      if (found.map) return value !== null && Object.hasOwn(value as object, wanted);
      if (Array.isArray(value)) return value.some((item) => coerce(wanted, item) === item);
      if (typeof value === "string") return value.includes(wanted);
      if (value === null) return false;
      throw new FilterError(`cannot perform in/contains operations on type ${kind(value)} for selector: ${selector}`);
    case "matches":
      if (typeof value !== "string") throw new FilterError(`value of type ${kind(value)} is not convertible to []byte`);
      return pattern(wanted).test(value);
    case "empty":
      if (typeof value === "string") return value === "";
      if (Array.isArray(value)) return value.length === 0;
      if (value === null) return true;
      if (found.map) return Object.keys(value as object).length === 0;
      throw new FilterError(`cannot perform is-empty operations on type ${kind(value)} for selector: ${selector}`);
    case "nil":
      if (value === null) return true;
      if (collection || typeof value === "object") return false;
      throw new FilterError(`cannot perform is-nil operations on type ${kind(value)} for selector: ${selector}`);
  }
}

function pattern(text: string): RegExp {
  try {
    const flags = /^\(\?i\)/.test(text) ? "i" : "";
    return new RegExp(text.replace(/^\(\?i\)/, ""), flags);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FilterError(`failed to compile regular expression ${JSON.stringify(text)}: ${why}`);
  }
}

/** The only value of a field with which an expression can be true; undefined where it asks for no single one. */
export function askedValue(expression: string | null, field: string): string | undefined {
  const filter = expression === null || expression === "" ? undefined : parseFilter(expression);
  const found = (part: Filter): string | undefined => {
    if (part.kind === "and") return found(part.left) ?? found(part.right);
    const equals = part.kind === "match" && part.operator === "equal" && !part.negated;
    return equals && part.path.join(".") === field ? part.value : undefined;
  };
  return filter === undefined || "error" in filter ? undefined : found(filter);
}

/** The test that a filter expression makes of an object; 400 in Nomad's words where it is none or does not fit. */
export function compileFilter(expression: string | null): (datum: unknown) => boolean {
  if (expression === null || expression === "") return () => true;
  const filter = parseFilter(expression);
  if ("error" in filter)
    throw new HttpError(400, `failed to create result paginator: failed to read filter expression: ${filter.error}`);
  return (datum) => {
    try {
      return evaluate(filter, datum);
    } catch (error) {
      if (error instanceof FilterError) throw new HttpError(400, `failed to read result page: ${error.message}`);
      throw error;
    }
  };
}
