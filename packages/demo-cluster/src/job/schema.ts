import { TABLE } from "./schema-table.ts";

/** What a field may hold. */
export type Shape =
  | { kind: "string" | "int" | "bool" | "dur" | "any"; nullable: boolean }
  | { kind: "struct"; struct: string; nullable: boolean }
  | { kind: "list" | "map"; of: Shape; nullable: true };

/** One field of a struct. */
export interface Field {
  name: string;
  shape: Shape;
  /** Its name in HCL; undefined where HCL has none. */
  hcl: string | undefined;
  how: "attribute" | "required" | "block" | "label" | "none";
}

/** One thing a job file is made of, by its Go name. */
export type Struct = readonly Field[];

function readShape(text: string): Shape {
  if (text.startsWith("[]")) return { kind: "list", of: readShape(text.slice(2)), nullable: true };
  if (text.startsWith("map[string]")) return { kind: "map", of: readShape(text.slice(11)), nullable: true };
  const nullable = text.startsWith("*");
  const name = nullable ? text.slice(1) : text;
  if (name === "string" || name === "int" || name === "bool" || name === "dur" || name === "any")
    return { kind: name, nullable };
  return { kind: "struct", struct: name, nullable };
}

function readField(line: string): Field {
  const [name = "", type = "", hcl = "-"] = line.trim().split(" ");
  const shape = readShape(type);
  if (hcl === "-") return { name, shape, hcl: undefined, how: "none" };
  if (hcl.startsWith("<")) return { name, shape, hcl: hcl.slice(1, -1), how: "label" };
  if (hcl.endsWith("{}")) return { name, shape, hcl: hcl.slice(0, -2), how: "block" };
  if (hcl.endsWith("!")) return { name, shape, hcl: hcl.slice(0, -1), how: "required" };
  return { name, shape, hcl, how: "attribute" };
}

const structs = new Map<string, Field[]>();
let current: Field[] = [];
for (const line of TABLE.trim().split("\n")) {
  if (line.startsWith(" ")) current.push(readField(line));
  else {
    current = [];
    structs.set(line, current);
  }
}

/** The fields of a struct of the table. */
export function structOf(name: string): Struct {
  return structs.get(name) ?? [];
}

/** What an unset field holds. */
export function zeroOf(shape: Shape): unknown {
  if (shape.nullable) return null;
  if (shape.kind === "string") return "";
  if (shape.kind === "bool") return false;
  if (shape.kind === "int" || shape.kind === "dur") return 0;
  return null;
}

/** A struct with nothing set. */
export function emptyStruct(name: string): Record<string, unknown> {
  return Object.fromEntries(structOf(name).map((field) => [field.name, zeroOf(field.shape)]));
}
