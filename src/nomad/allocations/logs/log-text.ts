import { span } from "../../../text/time.ts";
import { clean, quoted, quotedLine } from "../../../text/untrusted.ts";
import { bytes, grouped, plural } from "../../../text/words.ts";
import { whyNotStarted } from "../allocation.ts";
import { taskTrouble } from "../task-trouble.ts";
import { type TaskLog, unreachableText } from "./choose-log.ts";
import type { Following, NewLines } from "./follow-log.ts";
import type { LoggedLines, NothingLogged, Stream, Unreachable } from "./logs.ts";

/** What the lines of one answer may take, in characters, so that nothing has to be cut later. */
const room = 36_000;
/** What one line may take, in characters. */
const longestLine = 2_000;
/** Where nothing new comes, so many of the lines before are shown. */
const mostBefore = 3;

/** The ends of a task's streams as the body of an answer: each under its own heading, said once to be the workload's. */
export function tailsText(
  log: TaskLog,
  { contains, rotated, now }: { contains: string | undefined; rotated: readonly Stream[]; now: number },
): string {
  return streamsText(log, log.tails, now, (stream, tail: LoggedLines) => [
    contains === undefined ? lastLines(tail, rotated.includes(stream)) : lastMatches(tail, contains),
    tail.lines,
    tail.beheaded,
  ]);
}

/** What came while a task was followed, as the body of an answer. */
export function followedText(
  log: TaskLog,
  { streams, lasted }: Following,
  contains: string | undefined,
  now: number,
): string {
  return streamsText(log, streams, now, (stream, tail: NewLines) => {
    const heading = newLines(tail, lasted, contains);
    const before = log.tails.get(stream);
    if (tail.count > 0 || before?.kind !== "lines" || before.lines.length === 0) return [heading, tail.lines, false];
    const last = before.lines.slice(-mostBefore);
    return [`${heading}; ${last.length === 1 ? "the last line" : `the last ${last.length} lines`} before`, last, false];
  });
}

/** How following a task ended, where that is not simply the end of the time, as a sentence. */
export function endedText({ ended, lasted }: Following): string {
  if (ended === "task ended") return `The task ended ${span(lasted)} after the following began.`;
  return ended === "connection lost"
    ? `The connection to the log broke after ${span(lasted)}: what came until then.`
    : "";
}

type Heading = readonly [heading: string, lines: readonly string[], beheaded: boolean];

/** Streams that have no lines for the same reason share its sentence. */
function streamsText<T extends { readonly kind: "lines" | "new" }>(
  log: TaskLog,
  streams: ReadonlyMap<Stream, T | NothingLogged | Unreachable>,
  now: number,
  say: (stream: Stream, tail: T) => Heading,
): string {
  const found = [...streams];
  const silent = found.map(([, tail]) => (isSilent(tail) ? silence(log, tail, now) : undefined));
  if (silent[0] !== undefined && silent.every((sentence) => sentence === silent[0])) return `${upper(silent[0])}.`;
  const share = room / found.filter(([, tail]) => !isSilent(tail)).length;
  let labelled = false;
  const parts = found.map(([stream, tail], index) => {
    if (isSilent(tail)) return `${stream}: ${silent[index]}`;
    const [heading, all, beheaded] = say(stream, tail);
    if (all.length === 0) return `${stream}: ${heading}`;
    const { shown, left } = newest(all, share);
    if (beheaded && left === 0) shown[0] = `…${shown[0] ?? ""}`;
    const label = labelled ? "" : " (output of the workload)";
    labelled = true;
    const fewer = left > 0 ? `, the first ${grouped(left)} of them left out for length` : "";
    return `${stream}, ${heading}${fewer}${label}:\n${quoted(shown.join("\n"))}`;
  });
  return parts.join("\n\n");
}

const isSilent = <T extends { readonly kind: string }>(
  tail: T | NothingLogged | Unreachable,
): tail is NothingLogged | Unreachable => tail.kind === "nothing" || tail.kind === "unreachable";

function silence(log: TaskLog, tail: NothingLogged | Unreachable, now: number): string {
  const { allocation, task } = log;
  if (tail.kind === "unreachable") return unreachableText(allocation, tail);
  switch (tail.why) {
    case "empty":
      return "nothing logged";
    case "not kept":
      return `Nomad keeps no output of task ${task} (disabled in its logs block, or not supported by its driver)`;
    case "not started":
      return neverStarted(log, now);
  }
}

function neverStarted({ allocation, task }: TaskLog, now: number): string {
  const state = allocation.TaskStates?.[task];
  // What it failed with stands in the first line already.
  if (state && taskTrouble(state, now)) return `nothing logged: task ${task} was never started`;
  return `nothing logged: task ${task} has not started; ${whyNotStarted(allocation, task, now)}`;
}

function lastLines({ lines, cut, reachedOldest }: LoggedLines, rotated: boolean): string {
  if (cut) return lines.length === 1 ? "last line" : `last ${plural(lines.length, "line")}`;
  const all = lines.length === 1 ? "the only line" : `all ${plural(lines.length, "line")}`;
  return reachedOldest && rotated ? `${all} kept, older ones were rotated away` : all;
}

function lastMatches({ lines, matching, seen, looked, reachedOldest }: LoggedLines, contains: string): string {
  const where = reachedOldest
    ? `the ${plural(seen, "line that is", "lines that are")} kept`
    : `the ${plural(seen, "line")} of the last ${bytes(looked)}`;
  const what = `with "${quotedLine(contains)}" among ${where}`;
  if (matching === 0) return `no line ${what}`;
  return lines.length < matching
    ? `last ${lines.length} of ${plural(matching, "line")} ${what}`
    : `${plural(matching, "line")} ${what}`;
}

function newLines({ lines, count, overflowed }: NewLines, lasted: number, contains: string | undefined): string {
  const such = contains === undefined ? "" : ` with "${quotedLine(contains)}"`;
  if (count === 0) return `nothing new${such} in ${span(lasted)}`;
  const all = `${overflowed ? "at least " : ""}${plural(count, "new line")}${such} in ${span(lasted)}`;
  return lines.length < count ? `last ${lines.length} of ${all}` : all;
}

/** The newest lines that fit, each of bearable length, and how many older ones do not. */
function newest(all: readonly string[], share: number): { shown: string[]; left: number } {
  const shown: string[] = [];
  let used = 0;
  for (const line of all.toReversed()) {
    const text = clean(line);
    const fitting =
      text.length > longestLine
        ? `${text.slice(0, longestLine)}… (${grouped(text.length - longestLine)} more characters)`
        : text;
    used += fitting.length + 3;
    if (used > share) break;
    shown.unshift(fitting);
  }
  return { shown, left: all.length - shown.length };
}

const upper = (sentence: string) => sentence.charAt(0).toUpperCase() + sentence.slice(1);
