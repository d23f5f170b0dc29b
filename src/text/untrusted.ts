/**
 * Text that a workload wrote, made harmless to show: ANSI sequences, control characters, bidirectional marks, zero-width
 * and tag characters are taken out; tabs stay; each line ends where the workload ended it.
 */
export function clean(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(ansi, "").replaceAll("\r", "\n").replaceAll(unseen, "");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to take out
const ansi = /\u001b(?:\[[0-9;?]{0,32}[ -/]{0,4}[@-~]|\][^\u0007\u001b]{0,512}(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to take out
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\u{e0000}-\u{e0fff}]/gu;

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

/** One line of a workload for use inside a sentence: cleaned, in one line, at most `limit` characters. */
export function quotedLine(text: string, limit = 200): string {
  const line = clean(text).replaceAll(/\s+/g, " ").trim();
  return line.length > limit ? `${line.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, "")}…` : line;
}
