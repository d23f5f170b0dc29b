import { HttpError } from "../errors.ts";
import { type Shape, structOf, zeroOf } from "./schema.ts";

const GO_TYPES: Record<string, string> = { string: "string", int: "int", bool: "bool", dur: "time.Duration" };

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "bool";
  return typeof value;
}

function goType(shape: Shape): string {
  if (shape.kind === "list") return `[]${pointer(shape.of)}`;
  if (shape.kind === "map") return `map[string]${pointer(shape.of)}`;
  if (shape.kind === "struct") return `api.${shape.struct}`;
  return GO_TYPES[shape.kind] ?? "interface {}";
}

/** Lists and maps of structs hold pointers, but for the two that do not. */
function pointer(shape: Shape): string {
  const byValue = shape.kind !== "struct" || shape.struct === "Port" || shape.struct === "ServiceCheck";
  return byValue ? goType(shape) : `*${goType(shape)}`;
}

function decode(value: unknown, shape: Shape, owner: string, path: string): unknown {
  if (value === null || value === undefined) return zeroOf(shape);
  const wrong = (kind = kindOf(value)) =>
    new HttpError(
      400,
      `json: cannot unmarshal ${kind} into Go ${path ? `struct field ${owner}.${path}` : "value"} of type ${goType(shape)}`,
    );
  switch (shape.kind) {
    case "any":
      return value;
    case "string":
      if (typeof value !== "string") throw wrong();
      return value;
    case "bool":
      if (typeof value !== "boolean") throw wrong();
      return value;
    case "int":
    case "dur":
      if (typeof value !== "number") throw wrong();
      if (!Number.isInteger(value)) throw wrong(`number ${value}`);
      return value;
    case "list":
      if (!Array.isArray(value)) throw wrong();
      return value.map((item) => decode(item, shape.of, owner, path));
    case "map":
      if (kindOf(value) !== "object") throw wrong();
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item, shape.of, owner, path)]));
    case "struct":
      if (kindOf(value) !== "object") throw wrong();
      return decodeStruct(value as Record<string, unknown>, shape.struct, path);
  }
}

function decodeStruct(value: Record<string, unknown>, struct: string, path: string): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const given = new Map(Object.entries(value).map(([key, item]) => [key.toLowerCase(), item]));
  for (const { name, shape } of structOf(struct)) {
    const item = name in value ? value[name] : given.get(name.toLowerCase());
    out[name] = decode(item, shape, struct, path ? `${path}.${name}` : name);
  }
  return out;
}

/**
 * A request body as Go's JSON decoder reads it: names match whatever their case, what is unknown is silently dropped,
 * what has the wrong type is a 400 in Go's words. Unset fields come back null.
 */
export function decodeBody(struct: string, body: unknown): Record<string, unknown> {
  if (kindOf(body) !== "object" || body === null)
    throw new HttpError(400, `json: cannot unmarshal ${kindOf(body)} into Go value of type api.${struct}`);
  return decodeStruct(body as Record<string, unknown>, struct, "");
}

/** Parses a body; what is no JSON is answered in the words of Go's scanner. */
export function parseJson(text: string): unknown {
  if (text.trim() === "") throw new HttpError(400, "Request body is empty");
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, scan(text) ?? "unexpected EOF");
  }
}

/** Finds the first character that Go would refuse and says so as Go does; undefined where the text just ends too early. */
function scan(text: string): string | undefined {
  let at = 0;
  const space = () => {
    while (/\s/.test(text[at] ?? "x")) at++;
  };
  const refuse = (where: string) => {
    const char = text[at];
    if (char === undefined) return "unexpected EOF";
    const shown = char === "'" ? "'\\''" : char === "\n" ? "'\\n'" : `'${char}'`;
    return `invalid character ${shown} ${where}`;
  };
  const string = (): string | undefined => {
    const match = /^"(?:[^"\\\n]|\\.)*"/.exec(text.slice(at));
    if (match) {
      at += match[0].length;
      return undefined;
    }
    at += /^"(?:[^"\\\n]|\\.)*/.exec(text.slice(at))?.[0].length ?? 0;
    return refuse("in string literal");
  };
  const value = (): string | undefined => {
    space();
    const char = text[at];
    if (char === '"') return string();
    if (char === "{" || char === "[") return items(char === "{");
    const literal = /^(true|false|null|-?\d+(\.\d+)?([eE][+-]?\d+)?)/.exec(text.slice(at))?.[0];
    if (literal === undefined) return refuse("looking for beginning of value");
    at += literal.length;
    return undefined;
  };
  const items = (object: boolean): string | undefined => {
    const close = object ? "}" : "]";
    at++;
    space();
    if (text[at] === close) {
      at++;
      return undefined;
    }
    for (;;) {
      if (object) {
        space();
        if (text[at] !== '"') return refuse("looking for beginning of object key string");
        const bad = string();
        if (bad) return bad;
        space();
        if (text[at] !== ":") return refuse("after object key");
        at++;
      }
      const bad = value();
      if (bad) return bad;
      space();
      if (text[at] === close) {
        at++;
        return undefined;
      }
      if (text[at] !== ",") return refuse(object ? "after object key:value pair" : "after array element");
      at++;
    }
  };
  return value();
}
