import { isRandom } from "./secret-looks.ts";
import { kindOfName } from "./secret-names.ts";
import type { Span } from "./secret-spans.ts";
import { isPlace, looksSecret } from "./secret-values.ts";

/** How what follows a name is judged: all of it is secret, what looks so, or (`open`) not even what is random. */
export type Rule = "all" | "looks" | "open";

/** What a name says of what follows it; undefined where it says nothing. */
export function ruleOf(name: string): Rule | undefined {
  if (configNames.test(name)) return "all";
  const kind = kindOfName(name);
  if (kind === undefined) return undefined;
  return kind === "hint" ? "looks" : "all";
}

/** What is read of a word to find a name and its sign; characters. */
export const longestAssignment = 140;

/** `name=` and `name:` at the beginning of a word of a length, unless that is a value: `key=` of base64, `host:5432`. */
export function assignedName(
  word: string,
  length: number,
): { readonly name: string; readonly flag: boolean; readonly length: number } | undefined {
  const match = /^(-{0,2})([\p{L}_][\p{L}\p{N}_.-]{0,127})(=>|:=|[+?]?=(?!=)|:(?!\/\/))/u.exec(word);
  if (match === null) return undefined;
  const [all, dashes = "", name = ""] = match;
  // A host and its port, a user and what belongs to it: a colon assigns before a space, or behind a secret name.
  if (all.endsWith(":") && all.length < length && ruleOf(name) === undefined) return undefined;
  // The padding of base64 ends a word.
  if (all.length === length && all.endsWith("=") && name.length >= 16 && isRandom(name)) return undefined;
  if (name.length > 40 || (isRandom(name) && kindOfName(name) === undefined)) return undefined;
  return { name, flag: dashes !== "", length: all.length };
}

/** True where a sign follows in the same line that assigns something to what ends there. */
export function isBeforeSign(text: string, end: number): boolean {
  return /^(?:\\{0,7}["'`])?\]?[^\S\n]{0,40}(?:=>|:=|(?:\|\||[?+])?=(?!=)|:(?!\/\/))/.test(text.slice(end, end + 60));
}

/** What a block of a job file is called: `task "password-reset" {`. A `secret` of a job file names one, too. */
export function isLabel(text: string, lineStart: number, start: number, end: number): boolean {
  if (text.startsWith("secret", start) && /^\s{1,4}"[^"\n]{1,128}"\s{0,4}\{/.test(text.slice(end, end + 140))) {
    return text.slice(lineStart, start).trim() === "";
  }
  return labelled.test(text.slice(Math.max(0, start - 24), start));
}

/** True where a word begins a comment: the first one of its line, or behind a space. */
export function beginsComment(text: string, lineStart: number, start: number, end: number): boolean {
  if (!/^(?:#|\/\/|\/\*|--$|<!--|rem$)/i.test(text.slice(start, Math.min(end, start + 4)))) return false;
  return start === lineStart || /\s/.test(text[start - 1] ?? "");
}

/** True where nothing but the end of a quote or an index stands between a name and a sign. */
export function isNear(text: string, nameEnd: number, sign: number): boolean {
  return sign - nameEnd <= 48 && /^(?:\\{0,7}["'`])?\]?\s*$/.test(text.slice(nameEnd, sign));
}

/** The word is all of what is assigned: `type = password`, `"kind": "token"`. */
export function isWhole(text: string, start: number, end: number): boolean {
  const quoted = /["'`]/.test(text[start - 1] ?? "");
  return quoted ? /["'`\\]/.test(text[end] ?? "") : /^\s{0,8}(?:[,;}\n#]|$)/.test(text.slice(end, end + 10));
}

/** A word of a language; where nothing was assigned, also one that joins the words of a sentence. */
export function isSaid(word: string, inSentence: boolean): boolean {
  if (/^(?:by|to|with|from|for|is|set|as|and|or|on|in|at|if|not|valid|until|required|optional)$/i.test(word)) {
    return inSentence;
  }
  return /^(?:basic|bearer|token|digest|true|false|yes|no|off|null|nil|none|string|sensitive)$/i.test(word);
}

/** A file, or the path of an object: nothing of it looks random. */
export function isPath(word: string): boolean {
  if (isPlace(word)) return !/^[a-z][a-z0-9+.-]{0,20}:\/\//i.test(word) || !isRandom(word);
  if (isRandom(word)) return false;
  return paths.some((shape) => shape.test(word));
}

/** Of a word with separators what looks random: `db:5432:shop:app:X`, `https://host/path/X`. */
export function randomParts(word: string): Span[] {
  const random = isRandom(word);
  if (!random && !word.includes("://")) return [];
  const found: Span[] = [];
  let at = 0;
  for (const part of word.split(/[:/?&=,|@]/)) {
    if (part.length < word.length && isRandom(part)) found.push({ start: at, end: at + part.length });
    at += part.length + 1;
  }
  return found.length > 0 || !random ? found : [{ start: 0, end: word.length }];
}

/** The literals of an action that are no names of what it asks for. */
export function secretLiterals(action: string, rule: Rule | undefined): Span[] {
  return [...action.matchAll(/(["`])((?:(?!\1)[^\\\n]|\\.){6,512}?)\\{0,7}\1/g)].flatMap((match) => {
    const value = match[2] ?? "";
    if (isPath(value) || /[%\s]/.test(value)) return [];
    const start = match.index + 1;
    const instead = /\bdefault\s*\\*$/.test(action.slice(Math.max(0, match.index - 12), match.index));
    const secret = isRandom(value) || (instead && (rule === "all" || looksSecret(value, 6)));
    return secret ? [{ start, end: start + value.length }] : [];
  });
}

/** What a value is called, whatever it is: the name of its block says what it is. */
export const generic =
  /^(?:values?|default|data|content|contents|text|string|literal|plain|current|new|old|raw|inline|static)$/i;
/** What the name of a pair is called. */
export const naming = /^(?:name|key|variable|env|field|option|param|setting|property|header)$/i;
/** What is said to people, in whole sentences. */
export const spoken = /^(?:desc|description|comment|title|help|summary|label|text|message|msg|motd|doc)$/i;

/** What names a secret in files of some programs, and elsewhere nothing. */
const configNames = /^(?:identified|tokens|masterauth|encrypt|pass|pwd|_auth|authorization|community)$/i;
/** Blocks of job files that have a name of their own. */
const labelled =
  /(?:^|\s)(?:job|group|task|service|check|port|volume|volume_mount|secret|resource|data|module|action|device|artifact) {1,4}"$/;
const paths = [
  /^(?:\/|\.{1,2}\/|~\/)[\w./-]+$/,
  /^[\w-]{1,64}\/[\w./-]{1,256}$/,
  /^[\w-]{1,64}\.(?:conf|cfg|ya?ml|json|toml|pem|crt|key|txt|env|ini|sh|sql|xml|so)$/,
];
