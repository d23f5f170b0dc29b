import { readSettingFile } from "../api/connect/renewed.ts";
import { Refusal } from "../api/errors/refusal.ts";

/** A table of a TOML file, as it was parsed. */
export type Table = Readonly<Record<string, unknown>>;

/** A TOML file that was read. */
export interface Toml {
  readonly root: Table;
  /** Where a key is set, for people: the path, with line and column where they can be told. */
  place(keys: readonly string[]): string;
}

/** Larger than any settings file; in bytes. */
const largestFile = 64 * 1024;

/** Makes a table of a text; throws where it is no TOML. */
export type Parse = (text: string) => Table;

/** The parser, which is loaded when there is something to parse. */
export async function tomlParser(): Promise<Parse> {
  const { default: toml } = await import("@iarna/toml");
  return (text) => toml.parse(text);
}

/**
 * Reads a TOML file. `from`: what the operator calls the setting that names it.
 *
 * @throws Refusal with the place, and without quoting the line, where it cannot be read or is no TOML.
 */
export function readToml(path: string, from: string, parse: Parse): Toml {
  const text = readSettingFile(from, path);
  if (text.length > largestFile) throw new Refusal(`${from}: ${path} is too large for settings (64 KiB at most).`);
  return { root: parsed(path, text, parse), place: (keys) => `${path}${placeOf(text, keys, parse)}` };
}

function parsed(path: string, text: string, parse: Parse): Table {
  try {
    return parse(text);
  } catch (error) {
    const { line, col } = Object(error);
    const where = typeof line === "number" && typeof col === "number" ? `:${line + 1}:${col + 1}` : "";
    // The rest of the message is the line itself, which may hold a token.
    const [words = ""] = error instanceof Error ? error.message.split(/ at row |\n/, 1) : [];
    throw new Refusal(`${path}${where}: this is not TOML: ${words.charAt(0).toLowerCase()}${words.slice(1)}.`);
  }
}

/** The table under some keys; an empty one where there is none. */
export function inside(root: Table, keys: readonly string[]): Table {
  const held = keys.reduce<unknown>((table, key) => (isTable(table) ? table[key] : undefined), root);
  return isTable(held) ? held : {};
}

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/**
 * Where a key is set, as `:line:column`; "" where that cannot be told. The parser keeps no places, so the statement is
 * found that brings the key: the first one up to which the text, parsed, has it.
 */
function placeOf(text: string, keys: readonly string[], parse: Parse): string {
  const all = text.split("\n");
  const [last = ""] = keys.slice(-1);
  let begin = 0;
  for (let end = 1; end <= all.length; end++) {
    const table = attempt(() => parse(all.slice(0, end).join("\n")));
    if (table === undefined) continue;
    if (Object.hasOwn(inside(table, keys.slice(0, -1)), last)) {
      const line = all.findIndex((each, index) => index >= begin && /^\s*[^\s#]/.test(each));
      return `:${line + 1}:${(all[line]?.search(/\S/) ?? 0) + 1}`;
    }
    begin = end;
  }
  return "";
}

function attempt<T>(what: () => T): T | undefined {
  try {
    return what();
  } catch {
    return undefined;
  }
}
