/**
 * What a reply must look like, so that what Nomad, an older or newer one, or something else sends cannot break an answer.
 * Replies are read as Go's decoder reads them, which is what the CLI does: what is missing or null has its zero value, what
 * is not known stays as it is, and a value of another type is an error that names its place.
 *
 * Times ending in `Time` are nanoseconds since the epoch, `...At` and `...By` are Go times as text, durations are
 * nanoseconds, CPU is MHz, memory and disk are MB. Names are Nomad's.
 */
export type Shape =
  | "text"
  /** A text that is never missing: without it the object is another one. */
  | "id"
  | "number"
  | "flag"
  | "anything"
  /** A text, of which these are known. Others pass: newer versions know more. */
  | { readonly words: readonly string[] }
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Fields }
  /** What Go sends null for where it is empty; null where it is missing, too. */
  | { readonly maybe: Shape }
  /** A field that Go leaves out where it is empty, or where its version does not know it. */
  | { readonly optional: Shape }
  | { readonly later: () => Shape };

export type Fields = Readonly<Record<string, Shape>>;

/** The type of what has a shape. */
export type Infer<S> = S extends "text" | "id"
  ? string
  : S extends "number"
    ? number
    : S extends "flag"
      ? boolean
      : S extends { readonly words: readonly (infer W)[] }
        ? W
        : S extends { readonly list: infer E }
          ? Infer<E>[]
          : S extends { readonly map: infer E }
            ? Record<string, Infer<E>>
            : S extends { readonly maybe: infer E }
              ? Infer<E> | null
              : S extends { readonly fields: infer F }
                ? Flat<InferFields<F>>
                : S extends Later<infer T>
                  ? T
                  : unknown;

type InferFields<F> = {
  -readonly [K in keyof F as F[K] extends { readonly optional: unknown } ? never : K]: Infer<F[K]>;
} & {
  -readonly [K in keyof F as F[K] extends { readonly optional: unknown } ? K : never]?: F[K] extends {
    readonly optional: infer E;
  }
    ? Infer<E>
    : never;
};
type Flat<T> = { [K in keyof T]: T[K] };

/** A shape that is made when it is needed, of a type that holds itself. */
interface Later<T> {
  readonly later: () => Shape;
  /** Never there: it only holds the type. */
  readonly type?: T;
}

// The words in which shapes are written.
export const text = "text" as const;
export const id = "id" as const;
export const number = "number" as const;
export const flag = "flag" as const;
export const anything = "anything" as const;
export const oneOf = <const W extends string>(...words: W[]) => ({ words });
export const list = <const S extends Shape>(of: S) => ({ list: of });
export const map = <const S extends Shape>(of: S) => ({ map: of });
export const fields = <const F extends Fields>(of: F) => ({ fields: of });
export const maybe = <const S extends Shape>(of: S) => ({ maybe: of });
export const optional = <const S extends Shape>(of: S) => ({ optional: of });
export const later = <T>(shape: () => Shape): Later<T> => ({ later: shape });
export const texts = maybe(list(text));
export const counts = maybe(map(number));
export const indexes = { CreateIndex: number, ModifyIndex: number };
export const times = { CreateTime: number, ModifyTime: number };

/** A reply that has not the shape that it should; the message says where, and what stands there. */
export class Misshapen extends Error {
  override name = "Misshapen";
}

/**
 * The value in its shape: `value` itself, filled in place with the zero values of what is missing, since replies are
 * megabytes.
 *
 * @throws Misshapen where a type is another one, or an object has none of its fields.
 */
export function shaped(shape: Shape, value: unknown): unknown {
  if (typeof shape === "object" && "fields" in shape) {
    if (!isObject(value)) throw wrong("an object", value, []);
    const known = Object.keys(shape.fields);
    if (!known.some((key) => Object.hasOwn(value, key))) throw new Misshapen("none of the object's fields is there");
  }
  return conform(shape, value, []);
}

/** A step into a value: a field of an object, a place in a list, or a key of a map. */
type Step = string | number | readonly [key: string];

/** `path`: the steps to the value; where it throws they stay there. */
function conform(shape: Shape, value: unknown, path: Step[]): unknown {
  if (typeof shape === "string") return plain(shape, value, path);
  if ("words" in shape) return plain("text", value, path);
  const missing = value === null || value === undefined;
  if ("maybe" in shape) return missing ? null : conform(shape.maybe, value, path);
  if ("optional" in shape) {
    if (value === undefined || (missing && !mayBeNull(shape.optional))) return undefined;
    return conform(shape.optional, value, path);
  }
  if ("later" in shape) return conform(shape.later(), value, path);
  if ("list" in shape) {
    if (missing) return [];
    if (!Array.isArray(value)) throw wrong("a list", value, path);
    return conformList(shape.list, value, path);
  }
  const object = missing ? {} : value;
  if (!isObject(object)) throw wrong("an object", value, path);
  if ("map" in shape) {
    for (const [key, each] of Object.entries(object)) {
      path.push([key]);
      if (each === null && !mayBeNull(shape.map)) delete object[key];
      else set(object, key, each, conform(shape.map, each, path));
      path.pop();
    }
    return object;
  }
  for (const key of Object.keys(shape.fields)) {
    const field = shape.fields[key] ?? anything;
    if (fits(field, object[key])) continue;
    const held = Object.hasOwn(object, key) ? object[key] : undefined;
    path.push(key);
    set(object, key, held, conform(field, held, path));
    path.pop();
  }
  return object;
}

/** True for a plain value in its shape, as most are: nothing has to be done with it. */
function fits(shape: Shape, value: unknown): boolean {
  if (typeof value === "string") return shape === "text" || (shape === "id" && value !== "");
  if (typeof value === "number") return shape === "number" && Number.isFinite(value);
  return typeof value === "boolean" && shape === "flag";
}

function conformList(shape: Shape, list: unknown[], path: Step[]): unknown[] {
  let kept = 0;
  for (const [index, each] of list.entries()) {
    // A null in a list of Go's is an element that is not there.
    if (each === null) continue;
    path.push(index);
    list[kept++] = conform(shape, each, path);
    path.pop();
  }
  list.length = kept;
  return list;
}

/** True for a shape that null has a meaning in: a plain value has its zero value then. */
function mayBeNull(shape: Shape): boolean {
  return typeof shape === "string" || "words" in shape || "maybe" in shape;
}

function plain(shape: "text" | "id" | "number" | "flag" | "anything", value: unknown, path: readonly Step[]): unknown {
  const missing = value === null || value === undefined;
  switch (shape) {
    case "anything":
      return value;
    case "text":
      if (missing) return "";
      if (typeof value === "string") return value;
      throw wrong("a text", value, path);
    case "id":
      if (typeof value === "string" && value !== "") return value;
      throw wrong("an id", value, path);
    case "number":
      if (missing) return 0;
      if (typeof value === "number" && Number.isFinite(value)) return value;
      throw wrong("a number", value, path);
    case "flag":
      if (missing) return false;
      if (typeof value === "boolean") return value;
      throw wrong("true or false", value, path);
  }
}

/** Puts what was made of a value in its place. */
function set(object: Record<string, unknown>, key: string, held: unknown, fitted: unknown): void {
  if (fitted === held) return;
  // An assignment would set the prototype.
  if (key === "__proto__") Object.defineProperty(object, key, { ...inJson, value: fitted });
  else object[key] = fitted;
}

const inJson = { enumerable: true, writable: true, configurable: true };

function wrong(wanted: string, value: unknown, path: readonly Step[]): Misshapen {
  const place = path.map(stepText).join("").replace(/^\./, "");
  const found =
    value === undefined ? "nothing" : value === null ? "null" : Array.isArray(value) ? "a list" : words[typeof value];
  return new Misshapen(`${place || "the whole"} is ${found ?? "something else"}, not ${wanted}`);
}

function stepText(step: Step): string {
  if (typeof step === "string") return `.${step}`;
  return typeof step === "number" ? `[${step}]` : `[${JSON.stringify(step[0].slice(0, 40))}]`;
}

const words: Partial<Record<string, string>> = {
  boolean: "true or false",
  number: "a number",
  object: "an object",
  string: "a text",
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
