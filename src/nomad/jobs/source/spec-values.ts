import { seal, unseal } from "../../../text/sealed.ts";
import { duration } from "../../../text/time.ts";
import { quoted } from "../../../text/untrusted.ts";
import { grouped } from "../../../text/words.ts";
import { isObject } from "../file/job-json.ts";

/** Longer texts in one line are told by their length: what is cut in the middle may be a secret that is not known then. */
const longest = 2_000;

/** True for what fits into one line: no block, and no text of several lines. */
function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((item) => !Array.isArray(item) && isPlain(item));
  return typeof value === "string" ? !hasLines(value) : !isObject(value);
}

/** True for a text of several lines; one line end at its end does not make it one. */
export function hasLines(text: string): boolean {
  return /[\n\r]/.test(unseal(text).trimEnd());
}

/** A value as a job file writes it, in one line: `"nginx:1.27"`, `30s`, `["a", "b"]`. */
export function valueText(value: unknown, type: string): string {
  if (Array.isArray(value)) return `[${value.map((item) => valueText(item, type.replace(/^\[\]/, ""))).join(", ")}]`;
  if (type === "duration" && typeof value === "number") return duration(value);
  if (typeof value !== "string") return String(value);
  const text = seal(unseal(value).trimEnd());
  if (text.length > longest) return `(${grouped(text.length)} characters)`;
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/**
 * `name = value`, or below a line with the name the lines of a text, the items of a list, the members of a block: what a
 * driver's config, an environment and other free-form parts hold.
 */
export function freeLines(name: string, value: unknown, type = "any"): string[] {
  if (isPlain(value)) return [`${name} = ${valueText(value, type)}`];
  if (typeof value === "string") return [`${name}:`, ...quoted(value).split("\n")];
  // HCL's blocks come as lists of objects.
  if (Array.isArray(value) && value.every(isObject)) return value.flatMap((item) => freeLines(name, item));
  if (Array.isArray(value)) {
    return [
      `${name}:`,
      ...value.flatMap((item) => (isPlain(item) ? [`- ${valueText(item, type)}`] : freeLines("-", item))),
    ];
  }
  if (!isObject(value)) return [];
  return block(
    name,
    sortedEntries(value).flatMap(([key, item]) => freeLines(key, item)),
  );
}

/** Go sends a map's members in any order, and another one each time. */
export function sortedEntries(object: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** The widest line that a block is put into; characters. */
const widest = 110;

/** A block: in one line where it is short and has no blocks within, else with its lines below it, indented. */
export function block(head: string, inside: readonly string[]): string[] {
  if (inside.length === 0) return [head];
  const line = `${head}: ${inside.join(", ")}`;
  const simple = inside.every((each) => /^[\w.-]+ = /.test(each));
  return simple && line.length <= widest ? [line] : [`${head}:`, ...indented(inside)];
}

export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
