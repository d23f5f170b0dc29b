import { grouped } from "../../../text/words.ts";

/** So much is told of a job at once, in characters: some 3,000 tokens. */
const room = 10_000;

/** As many of the lines as fit an answer; `narrow` says how to see the others, and comes last where some are left out. */
export function bounded(lines: readonly string[], narrow: string): string[] {
  let used = 0;
  const told = lines.map((line) => (line.length > room / 2 ? `(a line of ${grouped(line.length)} characters)` : line));
  const kept = told.findIndex((line) => {
    used += line.length + 1;
    return used > room;
  });
  if (kept < 0) return told;
  return [...told.slice(0, kept), `(${grouped(kept)} of ${grouped(lines.length)} lines; ${narrow})`];
}
