import { kindOfName, type NameKind, telling } from "./secret-names.ts";
import { createReader, matchAt, type Reader, type WrittenValue } from "./secret-reader.ts";
import type { Finding } from "./secret-spans.ts";
import { isPlace, isReference, looksSecret } from "./secret-values.ts";
import type { Steps } from "./steps.ts";

/**
 * The values that a text assigns to secret names, in every way in which job files, environments, JSON, YAML, URLs,
 * command lines and plans write that: `NAME=value`, `NAME = "value"`, `"NAME": "value"`, `NAME: value`, `--name value`,
 * `"--name", "value"`, `variable "name" { default = "value" }`, `Env[NAME]: "old" => "new"`, `<name>value</name>`.
 */
export function* assignedSecrets(text: string): Steps<Finding[]> {
  const found: Finding[] = [];
  if (!telling.test(text)) return found;
  const read = createReader(text);
  const search = new RegExp(telling, "gi");
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    yield;
    const name = nameAround(text, match.index);
    search.lastIndex = Math.max(search.lastIndex, name.end);
    if (name.kind === undefined) continue;
    for (const value of valuesOf(text, name, read)) {
      found.push({ start: value.start, end: value.end, name: name.text });
      search.lastIndex = Math.max(search.lastIndex, value.next);
    }
  }
  return found;
}

interface WrittenName {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly kind: NameKind | undefined;
  /** Written as an option of a command: `--name`. */
  readonly flag: boolean;
}

/** How an assignment is written, as far as it says that one is meant: `data` is never prose, `prose` may be. */
type Manner = "data" | "query" | "prose" | "flag";

function nameAround(text: string, at: number): WrittenName {
  let start = at;
  while (start > 0 && at - start < 64 && isNamePart(text, start - 1)) start--;
  let end = at;
  while (end < text.length && end - at < 64 && isNamePart(text, end)) end++;
  const dashes = matchAt(/[.-]*/y, text, start).length;
  start += dashes;
  while (end > start && /[.-]/.test(text[end - 1] ?? "")) end--;
  const written = text.slice(start, end);
  const around = {
    start,
    flag: dashes > 0 && text[start - 1] === "-" && /^[\s"'`=[,]?$/.test(text[start - dashes - 1] ?? ""),
  };
  // Two words, as tables and messages write them: "Secret ID = ...", "API key: ...".
  const second =
    text[end] === " " && /^[A-Za-z]+$/.test(written) ? matchAt(/ (?:access )?(?:id|key|token)\b/iy, text, end) : "";
  const first = /^key$/i.test(written)
    ? (/[A-Za-z]{2,12} $/.exec(text.slice(Math.max(0, start - 13), start))?.[0] ?? "")
    : "";
  if ((second !== "" || first !== "") && kindOfName(`${first}${written}${second}`.replaceAll(" ", "_")) === "secret") {
    return { ...around, text: `${first}${written}${second}`, end: end + second.length, kind: "hint" };
  }
  return { ...around, text: written, end, kind: kindOfName(written) };
}

/** Letters of any language, digits, and what joins them in a name. */
function isNamePart(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code >= 128) return /\p{L}/u.test(text[at] ?? "");
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 95 ||
    code === 45 ||
    code === 46
  );
}

/** The values that are assigned to a name: one, or the old and the new one of a change, or those of a list. */
function valuesOf(text: string, name: WrittenName, read: Reader): WrittenValue[] {
  const element = elementValue(text, name);
  if (element) return [element];
  const found: WrittenValue[] = [];
  let next = firstValue(text, name);
  while (next !== undefined) {
    const { at, manner } = next;
    const value = read(at);
    if (value === undefined) break;
    if (isSecret(text, name, manner, value)) found.push(value);
    else if (found.length === 0 && !isReference(text.slice(value.start, value.end))) break;
    next = nextValue(text, value, manner, text.slice(at, value.start).includes("["));
  }
  return found;
}

interface Place {
  readonly at: number;
  readonly manner: Manner;
}

/** Where the first value behind a name begins, if it is one that is assigned something. */
function firstValue(text: string, name: WrittenName): Place | undefined {
  const { start, end, flag, kind } = name;
  const closing = matchAt(/(?:\\{0,7}["'`])?\]?(?:\\{0,7}["'`])?/y, text, end);
  const closed = end + closing.length;
  const sign = matchAt(/[ \t]{0,40}(?:=>|:=|=(?!=)|:(?!:))[ \t]{0,40}/y, text, closed);
  if (sign !== "") {
    const manner = mannerOf(text, name, sign, /["'`]/.test(closing));
    return manner && { at: closed + sign.length, manner };
  }
  if (flag) {
    // Behind a comma stands the next of a list; what has a colon behind it is the next key of an object.
    const gap = matchAt(
      /[ \t]{1,8}(?=[^\s-])|,\s{0,40}(?=\\{0,7}["'`](?!\w{0,64}\\{0,7}["'`]\s{0,4}:))/y,
      text,
      closed,
    );
    if (gap !== "") return { at: closed + gap.length, manner: "flag" };
  }
  if (/["'`]$/.test(closing)) return memberValue(text, closed) ?? defaultValue(text, start, closed);
  if (kind !== "secret") return undefined;
  const words = matchAt(/\]? {1,4}(?:changed |changes )?(?:from|is|was|set to|to) {1,4}(?=\\{0,7}["'`])/y, text, end);
  return words === "" ? undefined : { at: end + words.length, manner: "data" };
}

function mannerOf(text: string, name: WrittenName, sign: string, quoted: boolean): Manner | undefined {
  const before = text[name.start - 1] ?? "";
  if (name.flag) return "flag";
  if (sign === "=" && (before === "?" || before === "&")) return "query";
  if (sign.includes("=") || quoted) return "data";
  // As Go and JavaScript print what they hold.
  if (sign === ":" && /^[A-Z][a-z]+$/.test(name.text)) return "data";
  if (sign !== ":" && /[{,([] ?$/.test(text.slice(Math.max(0, name.start - 2), name.start))) return "data";
  // An image and its tag, a host and its port.
  if (sign === ":" && (before === "/" || /^(?!x-)[a-z0-9]+-[a-z0-9-]+$/.test(name.text))) return undefined;
  return "prose";
}

/** `<password>...</password>` */
function elementValue(text: string, { start, end, kind }: WrittenName): WrittenValue | undefined {
  if (text[start - 1] !== "<" || text[end] !== ">") return undefined;
  const inside = matchAt(/[^<>\n]{1,1024}(?=<\/)/y, text, end + 1);
  if (isReference(inside) || (kind !== "secret" && !looksSecret(inside))) return undefined;
  return { start: end + 1, end: end + 1 + inside.length, next: end + 1 + inside.length, quoted: true };
}

/** `{"Name": "Env[DB_PASSWORD]", "New": "...", "Old": "..."}`: the name is a value, and what it names stands beside it. */
function memberValue(text: string, at: number): Place | undefined {
  const sibling = matchAt(
    /\s{0,4},\s{0,80}\\{0,7}"(?:new|old|value|default|current|previous)\\{0,7}"\s{0,4}:\s{0,4}/iy,
    text,
    at,
  );
  return sibling === "" ? undefined : { at: at + sibling.length, manner: "data" };
}

/** `variable "db_password" { ... default = "..." }` */
function defaultValue(text: string, start: number, at: number): Place | undefined {
  if (!/variable\s{1,4}\\{0,7}"$/.test(text.slice(Math.max(0, start - 24), start))) return undefined;
  const block = /^\s{0,4}\{[^}]{0,2000}/.exec(text.slice(at, at + 2_048))?.[0] ?? "";
  const found = /default\s{0,40}=[ \t]{0,40}/.exec(block);
  return found ? { at: at + found.index + found[0].length, manner: "data" } : undefined;
}

/** Where the value stands that follows another one of the same name. */
function nextValue(text: string, value: WrittenValue, manner: Manner, list: boolean): Place | undefined {
  const change = matchAt(/[ \t]{0,4}(?:->|=>|→|-->)[ \t]{0,4}| to (?=\\{0,7}["'`])/y, text, value.next);
  if (change !== "") return { at: value.next + change.length, manner: "data" };
  if (!value.quoted) return undefined;
  const comma = list ? matchAt(/\s{0,4},\s{0,40}(?=\\{0,7}["'`])/y, text, value.next) : "";
  if (comma !== "") return { at: value.next + comma.length, manner };
  return memberValue(text, value.next);
}

function isSecret(
  text: string,
  name: WrittenName,
  manner: Manner,
  { start, end, next, quoted }: WrittenValue,
): boolean {
  const value = text.slice(start, end);
  if (isReference(value) || isPlace(value)) return false;
  // A message that goes on with fields of its own: "no token: level=warn".
  if (manner === "prose" && /^[A-Za-z_][\w.-]{0,64}=[^=]/.test(value)) return false;
  if (name.kind === "hint") return looksSecret(value);
  if (manner === "flag") return !prose.has(value.toLowerCase());
  const alone = standsAlone(text, name.start, next) && !prose.has(value.toLowerCase());
  if (name.kind === "token") {
    return manner === "query" || (quoted && (manner === "data" || alone)) || looksSecret(value);
  }
  if (manner !== "prose") return true;
  // One word, or a name that a job could have: the message may be about it.
  if (/^[A-Za-z]+$/.test(name.text)) return alone || looksSecret(value, 6);
  if (/^(?!x-)[a-z0-9]+-[a-z0-9-]+$/.test(name.text)) return looksSecret(value, 6);
  if (quoted) return true;
  return !prose.has(value.toLowerCase()) && !(/^[A-Za-z]+$/.test(value) && matchAt(/ [a-z]{2,}/y, text, end) !== "");
}

/** The assignment is all that its line holds, as in a configuration; a message says more. */
function standsAlone(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 41), start);
  return (
    /(?:^|\n)[ \t|+-]{0,40}$/.test(start > 41 && !before.includes("\n") ? "no" : before) &&
    /^[ \t]{0,8}(?:\r?\n|$)/.test(text.slice(end, end + 10))
  );
}

/** What stands behind a name where it is spoken of and not assigned. */
const prose = new Set(
  "a all an and are argument as at be been blocked but by can cannot complete could dead degraded does empty error expected expired failed field flag flags for found from had has have healthy hidden if in incorrect instead invalid is it lost may missing must new no not of on only option options or parameter pending required requires running set should stopped that the then this to too unexpected unhealthy unknown unset use used value values was were when which will with without wrong you your".split(
    " ",
  ),
);
