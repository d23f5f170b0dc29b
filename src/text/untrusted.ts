import { hiddenCharacters, strangeSpaces, unseal } from "./sealed.ts";

/**
 * Text of several lines, sealed or as a workload wrote it, made harmless to show behind a mark of its own: ANSI sequences
 * and everything that nobody sees are taken out, strange spaces become plain ones; tabs stay; each line ends where it
 * ended. What it gives has to be set apart: its lines are none of ours.
 */
export function clean(text: string): string {
  return unseal(text)
    .replaceAll("\r\n", "\n")
    .replaceAll(ansi, "")
    .replaceAll("\r", "\n")
    .replaceAll(strangeSpaces(), " ")
    .replaceAll(hiddenCharacters(), "");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to take out
const ansi = /\u001b(?:\[[0-9;?]{0,32}[ -/]{0,4}[@-~]|\][^\u0007\u001b]{0,512}(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

/**
 * Lines that a workload wrote, set apart: every line stands behind `| `, so that nothing in them can look like a line of
 * ours, however they end.
 */
export function quoted(text: string): string {
  return clean(text)
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => `| ${line}`.trimEnd())
    .join("\n");
}

/**
 * The beginning of a line of at most `limit` characters. It ends between two words, so that no secret that would be
 * masked whole is cut in two; of a line without a break nothing can be kept.
 */
export function beginning(line: string, limit: number): string {
  if (line.length <= limit) return line;
  const kept = line
    .slice(0, limit)
    .replace(/[^\s,;]*$/, "")
    .trimEnd();
  return kept === "" ? `(one word of ${line.length} characters)` : `${kept} …`;
}

/**
 * A name for use inside a sentence, at most `limit` characters of it. Unlike a message it is told as it is: what hides in it
 * is seen in the answer.
 */
export function cutName(name: string, limit = 200): string {
  return name.length > limit ? `${name.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, "")}…` : name;
}

/** One line of a workload for use inside a sentence: cleaned, in one line, at most `limit` characters. */
export function quotedLine(text: string, limit = 200): string {
  return cutName(clean(text).replaceAll(/\s+/g, " ").trim(), limit);
}
