import { unseal } from "../../../text/sealed.ts";
import { hclString, withoutExpressions } from "../file/hcl-string.ts";
import { isObject } from "../file/job-json.ts";
import { sortedEntries } from "./spec-values.ts";

/** What Nomad itself fills in when it runs a task, and HCL leaves alone: `${attr.kernel.name}`, `${NOMAD_PORT_http}`. */
const runtime = /^\$\{(?:attr|device|env|meta|node|unique)(?:\.[\w-]+)+\}|^\$\{NOMAD_\w+\}/;
/** What can stand alone as a key of a map. */
export const isIdentifier = (key: string) => /^[A-Za-z_][\w-]*$/.test(unseal(key));

const isRuntime = (rest: string) => runtime.test(rest);

/** Text in quotes, which means itself, but for what Nomad fills in. */
export const quotedText = (text: string) => hclString(text, isRuntime);

/** A value as an attribute has it that is indented so. A text of several lines stands as it is. */
export function attributeText(value: unknown, indent: string): string {
  if (typeof value === "string") return heredoc(unseal(value)) ?? quotedText(value);
  if (Array.isArray(value)) return listText(value, indent);
  return isObject(value) ? mapText(value, indent) : String(value);
}

/** A text of several lines as it is; undefined where it has one line, or none of its own for its end. */
function heredoc(text: string): string | undefined {
  if (!/\n[^\n]*\n$/.test(text) || /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) return undefined;
  const taken = new Set(text.split("\n").map((line) => line.trim()));
  const [end] = ["EOT", "EOF", "END_OF_TEXT"].filter((word) => !taken.has(word));
  return end === undefined ? undefined : `<<${end}\n${withoutExpressions(text, isRuntime)}${end}`;
}

/** The widest list that is written in one line; characters. */
const widest = 100;

function listText(items: readonly unknown[], indent: string): string {
  const inner = `${indent}  `;
  const parts = items.map((item) => attributeText(item, inner));
  const line = `[${parts.join(", ")}]`;
  if (line.length <= widest && !line.includes("\n")) return line;
  // The end of a text stands alone in its line.
  const rows = parts.map((part) => `${inner}${part}${part.startsWith("<<") ? `\n${inner}` : ""},\n`);
  return `[\n${rows.join("")}${indent}]`;
}

function mapText(value: Readonly<Record<string, unknown>>, indent: string): string {
  const entries = sortedEntries(value);
  if (entries.length === 0) return "{}";
  const inner = `${indent}  `;
  const rows = entries.map(([key, item]): [string, string] => [keyText(key), attributeText(item, inner)]);
  return `{\n${aligned(rows, inner)}\n${indent}}`;
}

const keyText = (key: string) => (isIdentifier(key) ? key : quotedText(key));

/** `name = value` lines, in which neighbours of one line have their signs below each other, as `nomad fmt` has it. */
export function aligned(rows: readonly (readonly [name: string, value: string])[], indent: string): string {
  const single = rows.map(([, value]) => !value.includes("\n"));
  const widths = rows.map(([name], at) => {
    if (!single[at]) return name.length;
    let [from, to] = [at, at];
    while (single[from - 1]) from--;
    while (single[to + 1]) to++;
    return Math.max(...rows.slice(from, to + 1).map(([each]) => each.length));
  });
  return rows.map(([name, value], at) => `${indent}${name.padEnd(widths[at] ?? 0)} = ${value}`).join("\n");
}
