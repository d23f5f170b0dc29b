/**
 * What a reply must look like, so that what Nomad, an older or newer one, or something else sends cannot break an answer.
 * Replies are read as Go's decoder reads them, which is what the CLI does: what is missing or null has its zero value, what
 * is not known stays as it is, and a value of another type is an error that names its place.
 */
export type Shape =
  | "text"
  /** A text that is never missing: without it the object is another one. */
  | "id"
  | "number"
  | "flag"
  | "anything"
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> }
  /** What may be missing or null, and stays so. */
  | { readonly maybe: Shape };

/** The shape of a type: the compiler sees to it that every field of the type has its place. */
export type ShapeOf<T> = unknown extends T
  ? "anything"
  : null extends T
    ? { readonly maybe: ShapeOf<NonNullable<T>> }
    : undefined extends T
      ? { readonly maybe: ShapeOf<NonNullable<T>> }
      : [T] extends [string]
        ? "text" | "id"
        : [T] extends [number]
          ? "number"
          : [T] extends [boolean]
            ? "flag"
            : [T] extends [readonly (infer E)[]]
              ? { readonly list: ShapeOf<E> }
              : T extends object
                ? string extends keyof T
                  ? { readonly map: ShapeOf<T[keyof T]> }
                  : { readonly fields: { readonly [K in keyof T]-?: ShapeOf<T[K]> } }
                : never;

/** A reply that has not the shape that it should; the message says where, and what stands there. */
export class Misshapen extends Error {
  override name = "Misshapen";
}

/**
 * The value in its shape: `value` itself, filled in place with the zero values of what is missing.
 *
 * @throws Misshapen where a type is another one, or an object has none of its fields.
 */
export function shaped(shape: Shape, value: unknown): unknown {
  if (typeof shape === "object" && "fields" in shape) {
    if (!isObject(value)) throw wrong("an object", value, "");
    const known = Object.keys(shape.fields);
    if (!known.some((key) => Object.hasOwn(value, key))) throw new Misshapen("none of the object's fields is there");
  }
  return conform(shape, value, "");
}

function conform(shape: Shape, value: unknown, place: string): unknown {
  if (typeof shape === "string") return plain(shape, value, place);
  const missing = value === null || value === undefined;
  if ("maybe" in shape) return missing ? value : conform(shape.maybe, value, place);
  if ("list" in shape) {
    if (missing) return [];
    if (!Array.isArray(value)) throw wrong("a list", value, place);
    const some: readonly unknown[] = value;
    // A null in a list of Go's is an element that is not there.
    return some.flatMap((each, index) => (each === null ? [] : [conform(shape.list, each, `${place}[${index}]`)]));
  }
  const object = missing ? {} : value;
  if (!isObject(object)) throw wrong("an object", value, place);
  if ("map" in shape) {
    for (const [key, each] of Object.entries(object)) {
      if (each === null && typeof shape.map === "object" && !("maybe" in shape.map)) delete object[key];
      else set(object, key, conform(shape.map, each, `${place}[${JSON.stringify(key.slice(0, 40))}]`));
    }
    return object;
  }
  for (const [key, field] of Object.entries(shape.fields)) {
    const held = Object.hasOwn(object, key) ? object[key] : undefined;
    const fitted = conform(field, held, place === "" ? key : `${place}.${key}`);
    if (fitted !== held) set(object, key, fitted);
  }
  return object;
}

function plain(shape: "text" | "id" | "number" | "flag" | "anything", value: unknown, place: string): unknown {
  const missing = value === null || value === undefined;
  switch (shape) {
    case "anything":
      return value;
    case "text":
      if (missing) return "";
      if (typeof value === "string") return value;
      throw wrong("a text", value, place);
    case "id":
      if (typeof value === "string" && value !== "") return value;
      throw wrong("an id", value, place);
    case "number":
      if (missing) return 0;
      if (typeof value === "number" && Number.isFinite(value)) return value;
      throw wrong("a number", value, place);
    case "flag":
      if (missing) return false;
      if (typeof value === "boolean") return value;
      throw wrong("true or false", value, place);
  }
}

/** Also where the key is `__proto__`. */
function set(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

function wrong(wanted: string, value: unknown, place: string): Misshapen {
  const found =
    value === undefined ? "nothing" : value === null ? "null" : Array.isArray(value) ? "a list" : words[typeof value];
  return new Misshapen(`${place || "the whole"} is ${found ?? "something else"}, not ${wanted}`);
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
