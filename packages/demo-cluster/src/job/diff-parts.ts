import { isDeepStrictEqual } from "node:util";

/** Parts of a job as its JSON has them. */
export type Plain = Readonly<Record<string, unknown>>;

export type DiffType = "None" | "Added" | "Deleted" | "Edited";

export interface FieldDiff {
  Annotations: string[] | null;
  Name: string;
  New: string;
  Old: string;
  Type: DiffType;
}

export interface ObjectDiff {
  Fields: FieldDiff[] | null;
  Name: string;
  Objects: ObjectDiff[] | null;
  Type: DiffType;
}

/** Objects that are maps in Go, and whose members are therefore fields: all others are structs, and told apart. */
const maps = new Set(["Env", "Meta", "CanaryMeta", "TaggedAddresses", "GetterOptions", "GetterHeaders"]);

/** The plain values of a struct by name, as texts; with `deep` those within it, too. */
export function flatten(value: unknown, deep = false, leave: readonly string[] = []): Map<string, string> {
  const found = new Map<string, string>();
  const put = (name: string, inner: unknown, within: boolean) => {
    if (inner === null || inner === undefined) return;
    if (Array.isArray(inner)) {
      if (within) for (const [at, each] of inner.entries()) put(`${name}[${at}]`, each, true);
    } else if (typeof inner === "object") {
      if (within || maps.has(name))
        for (const [key, each] of Object.entries(inner)) put(`${name}[${key}]`, each, within);
    } else found.set(name, String(inner));
  };
  for (const [key, inner] of Object.entries(value ?? {})) if (!leave.includes(key)) put(key, inner, deep);
  return found;
}

/** The fields that differ; with `contextual` the others, too. */
export function fieldDiffs(
  old: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  contextual: boolean,
): FieldDiff[] {
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => {
    const field = fieldDiff(name, old.get(name) ?? "", now.get(name) ?? "");
    return field.Type === "None" && !contextual ? [] : [field];
  });
}

function fieldDiff(Name: string, Old: string, New: string): FieldDiff {
  const Type = Old === New ? "None" : Old === "" ? "Added" : New === "" ? "Deleted" : "Edited";
  return { Annotations: null, Name, New, Old, Type };
}

interface Parts {
  readonly leave?: readonly string[];
  readonly deep?: boolean;
  readonly objects?: (old: Plain, now: Plain) => (ObjectDiff | undefined)[];
}

/** The difference of two structs of which either may not be there; undefined where there is none. */
export function objectDiff(name: string, old: unknown, now: unknown, parts: Parts = {}): ObjectDiff | undefined {
  if (isDeepStrictEqual(old ?? null, now ?? null)) return undefined;
  const [before, after] = [old, now].map((side) => flatten(side, parts.deep, parts.leave));
  const objects = parts.objects?.((old ?? {}) as Plain, (now ?? {}) as Plain) ?? [];
  return {
    Fields: orNone(fieldDiffs(before ?? new Map(), after ?? new Map(), true)),
    Name: name,
    Objects: orNone(objects.filter((each) => each !== undefined)),
    Type: typeOf(old, now),
  };
}

/** The same of a struct of plain values, whose type is that of its fields. */
export function plainDiff(name: string, old: unknown, now: unknown, leave: string[] = []): ObjectDiff | undefined {
  const Fields = fieldDiffs(flatten(old, false, leave), flatten(now, false, leave), true);
  const types = new Set(Fields.map(({ Type }) => Type).filter((type) => type !== "None"));
  const [only = "None"] = types;
  if (types.size === 0) return undefined;
  return { Fields, Name: name, Objects: null, Type: types.size === 1 ? only : "Edited" };
}

/** What is in one of two sets of structs only. `keyOf` says which are the same one. */
export function setDiffs(
  name: string,
  old: unknown,
  now: unknown,
  keyOf: (one: Plain) => string = JSON.stringify,
  parts?: Parts,
): ObjectDiff[] {
  const [before, after] = [old, now].map((list) => new Map(((list ?? []) as Plain[]).map((one) => [keyOf(one), one])));
  const keys = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])];
  const order: readonly DiffType[] = ["Added", "Deleted", "Edited", "None"];
  return keys
    .flatMap((key) => objectDiff(name, before?.get(key), after?.get(key), parts) ?? [])
    .sort((one, other) => order.indexOf(one.Type) - order.indexOf(other.Type));
}

/** A list of texts, taken as a set. */
export function memberDiff(name: string, old: unknown, now: unknown): ObjectDiff | undefined {
  const [before, after] = [old, now].map((list) => new Set((list ?? []) as string[]));
  const all = [...new Set([...(before ?? []), ...(after ?? [])])].sort();
  const Fields = all.map((each) => fieldDiff(name, before?.has(each) ? each : "", after?.has(each) ? each : ""));
  const types = new Set(Fields.map(({ Type }) => Type).filter((type) => type !== "None"));
  const [only = "None"] = types;
  if (types.size === 0) return undefined;
  return { Fields, Name: name, Objects: null, Type: types.size === 1 ? only : "Edited" };
}

export function typeOf(old: unknown, now: unknown): DiffType {
  if (isDeepStrictEqual(old ?? null, now ?? null)) return "None";
  return old ? (now ? "Edited" : "Deleted") : "Added";
}

/** An empty list, as Go writes one that was never made. */
export function orNone<T>(list: T[]): T[] | null {
  return list.length > 0 ? list : null;
}
