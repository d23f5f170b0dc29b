import { seal, unseal } from "../../../text/sealed.ts";
import { duration } from "../../../text/time.ts";
import { clean } from "../../../text/untrusted.ts";
import { grouped, plural } from "../../../text/words.ts";

/** Longer values are told by their length: what is cut in the middle may be a secret that is not known for one then. */
const longest = 200;
const mostLines = 4;

/** True for what a field holds that is not set. */
export function isUnset(value: string): boolean {
  return value === "" || value === "nil";
}

/** A value of a diff in one line. `type` is that of its field: durations are nanoseconds. */
export function shown(value: string, type: string): string {
  if (type === "duration" && /^\d+$/.test(value)) return duration(Number(value));
  const text = clean(value).trimEnd();
  if (text.includes("\n")) return `(${plural(text.split("\n").length, "line")})`;
  // What hides in it is shown here, where nothing sets it apart.
  const line = unseal(value).trim();
  return line.length > longest ? `(${grouped(line.length)} characters)` : seal(line);
}

/** What has changed in a text of several lines, a line each: "- old" and "+ new"; none where either has only one. */
export function changedLines(before: string, after: string): string[] {
  const [old, now] = [before, after].map((text) => clean(text).trimEnd().split("\n"));
  if (old === undefined || now === undefined || old.length + now.length < 3) return [];
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start++;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  return [...signed("-", old.slice(start, old.length - end)), ...signed("+", now.slice(start, now.length - end))];
}

function signed(sign: string, changed: readonly string[]): string[] {
  const told = changed.slice(0, mostLines).map((line) => `  | ${sign} ${shown(line, "string")}`);
  const rest = changed.length - told.length;
  return rest > 0 ? [...told, `  (${sign} ${plural(rest, "line")} more)`] : told;
}
