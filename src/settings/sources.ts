import { parseArgs } from "node:util";
import { Refusal } from "../api/errors/refusal.ts";
import { all } from "../text/words.ts";
import { settingsTable } from "./table.ts";
import type { Flags, Setting, SettingValue, Sources } from "./types.ts";

/**
 * The value of a setting from the first place that has one: flag, variable, `own` (its cluster's table), file. Left-over
 * placeholders are none, and are told in `notices`.
 *
 * @throws Refusal where the value is not of the setting's kind, or is a placeholder and the setting restricts.
 */
export function findValue(
  setting: Setting,
  { flags, env, file }: Sources,
  own: SettingValue | undefined,
  notices: string[],
): SettingValue | undefined {
  const places = [
    { text: flags[setting.flag], from: `--${setting.flag}` },
    { text: setting.env && env[setting.env], from: setting.env ?? "" },
    { text: setting.alsoEnv && env[setting.alsoEnv], from: setting.alsoEnv ?? "" },
  ];
  for (const { text, from } of places) {
    if (text === undefined || text === "") continue;
    const value = text.trim();
    if (!isLeftOver(setting, value, from)) return { value: fromText(setting, value, from), from, name: () => from };
    const notice = `${from} is a left-over placeholder, taken as not set`;
    if (!notices.includes(notice)) notices.push(notice);
  }
  return own ?? file?.at([], setting);
}

/**
 * True for a placeholder: a host that fills in nothing for an optional field passes the field's own name on (mcp.md
 * §0, finding 9).
 *
 * @throws Refusal where the setting restricts: taken as not set, it would allow more than was meant.
 */
export function isLeftOver({ restricts }: Setting, value: string, name: string): boolean {
  const [found] = (restricts ? /\$\{[^}]*\}/ : /^\$\{[^}]*\}$/).exec(value) ?? [];
  if (found === undefined || !restricts) return found !== undefined;
  throw new Refusal(
    `${name} holds the placeholder ${JSON.stringify(found.slice(0, 80))}, which nothing was filled in for: without its value more would be allowed than is meant. Write the value itself there, or take the setting out.`,
  );
}

/** The flags of the table, which may stand anywhere before `--`, and the words that are none of them. */
export function readFlags(argv: readonly string[]): { flags: Flags; rest: string[] } {
  // Hosts start it without any, and what parses them costs a start half a millisecond.
  if (argv.length === 0) return { flags: {}, rest: [] };
  const end = argv.indexOf("--");
  const ours = end < 0 ? argv : argv.slice(0, end);
  const { tokens } = parseArgs({ args: [...ours], strict: false, tokens: true, allowPositionals: true });
  const flags: Record<string, string> = {};
  const used = new Set<number>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const setting = settingsTable.find(({ flag }) => flag === token.name);
    if (setting === undefined) continue;
    if (setting.noFlag) {
      throw new Refusal(
        `--${setting.flag} is no flag, since everybody on this machine can read what stands on a command line: set ${setting.env}.`,
      );
    }
    used.add(token.index);
    const next = ours[token.index + 1];
    if (setting.kind === "switch") flags[setting.flag] = token.value ?? "true";
    else if (token.value !== undefined) flags[setting.flag] = token.value;
    else if (next !== undefined && !next.startsWith("--")) {
      flags[setting.flag] = next;
      used.add(token.index + 1);
    } else throw new Refusal(`--${setting.flag} needs a value: ${setting.help}.`);
  }
  return { flags, rest: argv.filter((_, index) => !used.has(index)) };
}

function fromText(setting: Setting, text: string, name: string): SettingValue["value"] {
  if (setting.kind === "switch") return toSwitch(text, name);
  if (setting.kind === "text") return oneOf(setting, text, name);
  if (setting.kind === "number") return toNumber(Number(text), name);
  return toList(
    setting,
    text.split(/[\s,]+/).filter((name) => name !== ""),
    name,
  );
}

/** A text that is one of the values which the setting takes. */
export function oneOf({ values }: Setting, text: string, name: string): string {
  if (values === undefined || values.includes(text)) return text;
  throw new Refusal(`${name}: ${JSON.stringify(text)} is not ${all(values, "or")}.`);
}

/** A list without repetitions, of one name at least, each of which the setting takes. */
export function toList(setting: Setting, names: readonly string[], name: string): readonly string[] {
  if (names.length === 0) throw new Refusal(`${name} names nothing: leave it unset, or name one at least.`);
  for (const each of names) oneOf(setting, each, name);
  return [...new Set(names)];
}

/** A whole number that is no less than 0. */
export function toNumber(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Refusal(`${name} must be a whole number, 0 or more.`);
}

/** As Go's strconv.ParseBool, which the CLI uses. */
function toSwitch(text: string, name: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw new Refusal(`${name}: ${JSON.stringify(text)} is neither true nor false.`);
}
