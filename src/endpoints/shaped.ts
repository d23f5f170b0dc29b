import type { Fields, Shape } from "./schema.ts";

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
  return readerOf(shape)(value, []);
}

/** A step into a value: a field of an object, a place in a list, or a key of a map. */
type Step = string | number | readonly [key: string];

/** Fits a value into a shape. `path`: the steps to the value; where it throws they stay there. */
type Reader = (value: unknown, path: Step[]) => unknown;

const readers = new WeakMap<object, Reader>();

/** Made once for each shape: replies have thousands of rows, and what a shape says is asked of every value in them. */
function readerOf(shape: Shape): Reader {
  if (typeof shape === "string") return plain[shape];
  let reader = readers.get(shape);
  if (reader === undefined) {
    reader = made(shape);
    readers.set(shape, reader);
  }
  return reader;
}

function made(shape: Exclude<Shape, string>): Reader {
  if ("words" in shape) return plain.text;
  if ("later" in shape) return (value, path) => readerOf(shape.later())(value, path);
  if ("list" in shape) return listReader(readerOf(shape.list));
  if ("map" in shape) return mapReader(readerOf(shape.map), mayBeNull(shape.map));
  if ("fields" in shape) return fieldsReader(shape.fields);
  const read = readerOf("maybe" in shape ? shape.maybe : shape.optional);
  if ("maybe" in shape) return (value, path) => (isMissing(value) ? null : read(value, path));
  const keepsNull = mayBeNull(shape.optional);
  return (value, path) => (value === undefined || (value === null && !keepsNull) ? undefined : read(value, path));
}

function listReader(read: Reader): Reader {
  return (list, path) => {
    if (isMissing(list)) return [];
    if (!Array.isArray(list)) throw wrong("a list", list, path);
    let kept = 0;
    for (let index = 0; index < list.length; index++) {
      const each: unknown = list[index];
      // A null in a list of Go's is an element that is not there.
      if (each === null) continue;
      path.push(index);
      list[kept++] = read(each, path);
      path.pop();
    }
    list.length = kept;
    return list;
  };
}

function mapReader(read: Reader, keepsNull: boolean): Reader {
  return (value, path) => {
    const object = objectIn(value, path);
    for (const key of Object.keys(object)) {
      const each = object[key];
      path.push([key]);
      if (each === null && !keepsNull) delete object[key];
      else set(object, key, each, read(each, path));
      path.pop();
    }
    return object;
  };
}

/** A field, with what can be seen of most values at once: that nothing has to be done with them. */
interface Field {
  readonly key: string;
  readonly read: Reader;
  /** As `typeof` tells it, where the field is plain. */
  readonly type: "string" | "number" | "boolean" | undefined;
  readonly isId: boolean;
  readonly staysNull: boolean;
  readonly staysMissing: boolean;
}

function fieldsReader(declared: Fields): Reader {
  // Not before the first value: a shape may hold itself.
  let fields: readonly Field[] | undefined;
  return (value, path) => {
    const object = objectIn(value, path);
    fields ??= Object.entries(declared).map(([key, shape]) => fieldOf(key, shape));
    for (const field of fields) {
      const { key } = field;
      if (fits(field, object[key])) continue;
      const held = Object.hasOwn(object, key) ? object[key] : undefined;
      path.push(key);
      set(object, key, held, field.read(held, path));
      path.pop();
    }
    return object;
  };
}

function fieldOf(key: string, shape: Shape): Field {
  const staysMissing = typeof shape === "object" && "optional" in shape;
  const there = staysMissing ? shape.optional : shape;
  const staysNull = typeof there === "object" && "maybe" in there;
  const held = staysNull ? there.maybe : there;
  const type = typeof held === "string" ? types[held] : "words" in held ? "string" : undefined;
  return { key, read: readerOf(shape), type, isId: held === "id", staysNull, staysMissing };
}

const types = { text: "string", id: "string", number: "number", flag: "boolean", anything: undefined } as const;

function fits({ type, isId, staysNull, staysMissing }: Field, value: unknown): boolean {
  if (value === null) return staysNull;
  if (value === undefined) return staysMissing;
  if (typeof value !== type) return false;
  return typeof value === "number" ? Number.isFinite(value) : value !== "" || !isId;
}

/** True for a shape that null has a meaning in: a plain value has its zero value then. */
function mayBeNull(shape: Shape): boolean {
  return typeof shape === "string" || "words" in shape || "maybe" in shape;
}

const plain: Readonly<Record<Extract<Shape, string>, Reader>> = {
  anything: (value) => value,
  text(value, path) {
    if (isMissing(value)) return "";
    if (typeof value === "string") return value;
    throw wrong("a text", value, path);
  },
  id(value, path) {
    if (typeof value === "string" && value !== "") return value;
    throw wrong("an id", value, path);
  },
  number(value, path) {
    if (isMissing(value)) return 0;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw wrong("a number", value, path);
  },
  flag(value, path) {
    if (isMissing(value)) return false;
    if (typeof value === "boolean") return value;
    throw wrong("true or false", value, path);
  },
};

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

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** An object, for what is missing an empty one. */
function objectIn(value: unknown, path: readonly Step[]): Record<string, unknown> {
  if (isMissing(value)) return {};
  if (!isObject(value)) throw wrong("an object", value, path);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
