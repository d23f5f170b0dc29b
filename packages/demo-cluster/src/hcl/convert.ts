import { parseGoDuration } from "../gotime.ts";
import { UNKNOWN, type Value } from "./evaluate.ts";

/** A value that was made to fit, or why it does not. */
export type Converted = { value: unknown } | { error: string };

/** What a field or a variable wants. */
export type Wanted = "string" | "number" | "int" | "bool" | "any" | { list: Wanted } | { map: Wanted };

const NAMES: Record<string, string> = { string: "string", number: "number", int: "number", bool: "bool" };

function nameOf(wanted: Wanted): string {
  if (typeof wanted === "string") return NAMES[wanted] ?? "any";
  return "list" in wanted ? `list of ${nameOf(wanted.list)}` : `map of ${nameOf(wanted.map)}`;
}

function typeName(value: Value): string {
  if (typeof value === "string") return "string";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "bool";
  return Array.isArray(value) ? "tuple" : "object";
}

/** Fits a value to a type as HCL does: numbers and texts turn into each other where that loses nothing. */
export function convert(value: Value, wanted: Wanted): Converted {
  if (value === UNKNOWN) return { error: "value must be known" };
  if (wanted === "any" || value === null) return { value };
  if (wanted === "string") {
    if (typeof value === "string") return { value };
    if (typeof value === "number" || typeof value === "boolean") return { value: String(value) };
    return { error: "string required" };
  }
  if (wanted === "number" || wanted === "int") {
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number !== "number" || Number.isNaN(number)) return { error: "a number is required" };
    if (wanted === "int" && !Number.isInteger(number))
      return { error: "value must be a whole number, between -9223372036854775808 and 9223372036854775807" };
    return { value: number };
  }
  if (wanted === "bool") {
    if (typeof value === "boolean") return { value };
    if (value === "true" || value === "1") return { value: true };
    if (value === "false" || value === "0") return { value: false };
    return { error: "a bool is required" };
  }
  if ("list" in wanted) {
    if (!Array.isArray(value)) return { error: `${nameOf(wanted)} required${had(value)}` };
    const items = value.map((item) => convert(item, wanted.list));
    const bad = items.findIndex((item) => "error" in item);
    if (bad >= 0) {
      const item = items[bad];
      const why = item && "error" in item ? item.error : "";
      return { error: why === "value must be known" ? why : `element ${bad}: ${why}` };
    }
    return { value: items.map((item) => ("value" in item ? item.value : null)) };
  }
  if (typeof value !== "object" || Array.isArray(value)) return { error: `${nameOf(wanted)} required${had(value)}` };
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const fitted = convert(item, wanted.map);
    if ("error" in fitted)
      return {
        error:
          fitted.error === "value must be known" ? fitted.error : `element ${JSON.stringify(key)}: ${fitted.error}`,
      };
    out[key] = fitted.value;
  }
  return { value: out };
}

function had(value: Value): string {
  return typeof value === "object" ? "" : `, but have ${typeName(value)}`;
}

/** A duration: a Go duration's text, or nanoseconds. */
export function convertDuration(value: Value): Converted {
  if (value === null) return { error: "nil" };
  if (typeof value === "string") {
    const parsed = parseGoDuration(value);
    return typeof parsed === "number" ? { value: parsed } : { error: `Unsuitable duration value: ${parsed.error}` };
  }
  if (typeof value === "number") return { value };
  const type = value === UNKNOWN ? "dynamic" : typeName(value);
  return { error: `Unsuitable value: expected a string but found ${type}` };
}
