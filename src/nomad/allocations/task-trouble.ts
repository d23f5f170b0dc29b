import type { TaskEvent, TaskState } from "../../endpoints/allocations.ts";
import { fromGoTime, fromNanoseconds, span } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { grouped } from "../../text/words.ts";

/** In what way a task fails, as far as it decides what ends that. */
export type FailureKind =
  | "exit"
  | "memory"
  | "start"
  | "image"
  | "artifact"
  | "template"
  | "check"
  | "hook"
  | "sibling";

/** What went wrong with a task, from its events (Nomad keeps the last ten). */
export interface TaskTrouble {
  readonly kind: FailureKind;
  /** A phrase to follow the task's name: "exits with code 1", "cannot be started: image pull failed". */
  readonly what: string;
  /** When it last happened, ms. */
  readonly at: number;
  /** How often, in words, where it happened more than once: "4 times in 2m". */
  readonly times: string | undefined;
  /** True where it happened more than once: a single crash at the start may heal itself. */
  readonly repeats: boolean;
  /** When Nomad starts the task again on this node, ms; undefined where it does not. */
  readonly retryAt: number | undefined;
  /** Why Nomad does not start it again here, where it said so. */
  readonly givenUp: string | undefined;
  /** True while the present run, if there is one, has not lasted longer than those that failed. */
  readonly present: boolean;
}

/** Below this, in ms, a run after a failure proves nothing. */
const provenAfter = 60_000;
/** A run of this length, in ms, that ended well was of use. */
const worksAfter = 600_000;

const failures: Readonly<Record<string, (said: string) => string>> = {
  "Driver Failure": (said) => `cannot be started: ${said}`,
  "Setup Failure": (said) => `cannot be set up: ${said}`,
  "Failed Artifact Download": (said) => `cannot fetch an artifact: ${said}`,
  "Failed Validation": (said) => `is not valid: ${said}`,
  "Task hook failed": (said) => `failed in a hook: ${said}`,
  "Sibling Task Failed": (said) => `was stopped with a task that failed: ${said}`,
};

/**
 * Whether a task has failed by its events, and whether that is so now. `now`: ms, by the server's clock; `since`: when
 * its allocation was placed, ms.
 */
export function taskTrouble(state: TaskState, now: number, since?: number): TaskTrouble | undefined {
  const events = state.Events ?? [];
  const failed = events.filter((_, index) => isFailure(events, index));
  const last = failed.at(-1);
  if (last === undefined) return undefined;
  const at = fromNanoseconds(last.Time) ?? now;
  const first = fromNanoseconds(failed[0]?.Time) ?? at;
  const after = events.slice(events.indexOf(last) + 1);
  const restarting = after.find((event) => event.Type === "Restarting");
  const startedAgain = after.some((event) => event.Type === "Started");
  const notRestarting = after.find((event) => event.Type === "Not Restarting");
  return {
    kind: kindOf(last),
    what: failureOf(last, events),
    at,
    repeats: failed.length > 1 || state.Restarts > 1,
    times: often(state, failed.length, at - first, since === undefined ? undefined : now - since),
    retryAt: startedAgain || restarting === undefined ? undefined : retryTime(restarting),
    givenUp: notRestarting && notRestarting.DisplayMessage !== "" ? notRestarting.DisplayMessage : undefined,
    present: !(state.State === "running" && (waitedFor(last, startedAgain) || lastedLonger(state, events, now))),
  };
}

/** True where a task waited, and what it waited for has come. */
const waitedFor = ({ Type }: TaskEvent, startedAgain: boolean) => Type === "Template" && startedAgain;

/** What failed with a task, as far as its events still tell: when (ms) and how, oldest first. */
export function taskFailures({ Events: events }: TaskState): { readonly at: number; readonly what: string }[] {
  const all = events ?? [];
  return all.flatMap((event, index) => {
    const at = fromNanoseconds(event.Time);
    return at !== undefined && isFailure(all, index) ? [{ at, what: failureOf(event, all.slice(0, index + 1)) }] : [];
  });
}

/** An event that matters to a reader, as a phrase; undefined for those that tell of ordinary life. */
export function eventPhrase(event: TaskEvent, before?: TaskEvent): string | undefined {
  const events = before ? [before, event] : [event];
  if (isFailure(events, events.length - 1)) return failureOf(event, events);
  const said = quotedLine(event.DisplayMessage);
  if (["Received", "Task Setup", "Building Task Directory"].includes(event.Type)) return undefined;
  if (event.Type === "Started") return "started";
  if (event.Type === "Terminated") return exitOf(event) ?? "ended with code 0";
  const delay = fromNanoseconds(Number(event.Details?.start_delay ?? 0));
  if (event.Type === "Restarting" && delay !== undefined) return `restarting in ${span(delay)}`;
  return said === "" ? event.Type : `${event.Type}: ${said}`;
}

/** How a task ended, from a Terminated event: undefined where it ended well. "Out of memory" only where Nomad says so. */
export function exitOf({ Details: details }: TaskEvent): string | undefined {
  if (details?.oom_killed === "true") return "was killed because it ran out of memory";
  const signal = Number(details?.signal ?? 0);
  if (signal !== 0) {
    const code = details?.exit_code;
    return `was killed by signal ${signal}${code && code !== "0" ? ` (exit code ${code})` : ""}`;
  }
  const message = details?.exit_message;
  const code = details?.exit_code ?? "0";
  if (code !== "0") return `exits with code ${code}`;
  return message ? `ended: ${quotedLine(message)}` : undefined;
}

function isFailure(events: readonly TaskEvent[], index: number): boolean {
  const [event, before, after] = [events[index], events[index - 1], events[index + 1]];
  if (event === undefined) return false;
  if (Object.hasOwn(failures, event.Type)) return true;
  if (event.Type === "Restart Signaled") return /healthcheck|unhealthy/i.test(event.DisplayMessage);
  if (event.Type === "Template") return /missing|fail|error/i.test(event.DisplayMessage);
  // A hook (template, Vault, identity) that gives up has the client kill the task, and says why only here.
  if (event.Type === "Killing") return event.Details?.fails_task === "true";
  if (event.Type !== "Terminated") return false;
  // What was asked to end, by a person or by a stop, did not crash.
  const asked = before !== undefined && ["Restart Signaled", "Killing", "Signaling"].includes(before.Type);
  // What ends well and is started again, or is not because it did so too often, was not meant to end.
  const unmeant = after?.Type === "Restarting" || after?.Type === "Not Restarting";
  return !asked && (unmeant || exitOf(event) !== undefined);
}

function failureOf(event: TaskEvent, events: readonly TaskEvent[]): string {
  const said = quotedLine(event.DisplayMessage, 240);
  if (event.Type === "Terminated") return exitOf(event) ?? "ends by itself with code 0";
  if (event.Type === "Restart Signaled") return `is restarted because a health check fails: ${said}`;
  if (event.Type === "Template") return `waits for a template: ${said}`;
  if (event.Type === "Killing") return `was killed: ${said}`;
  const phrase = failures[event.Type];
  // A failed download says no more than that it failed where the cause came just before.
  const more = said === "" ? quotedLine(events.at(-2)?.DisplayMessage ?? "") : said;
  return phrase ? phrase(more) : said;
}

function kindOf({ Type, DisplayMessage, Details }: TaskEvent): FailureKind {
  switch (Type) {
    case "Driver Failure":
      return /\bpull\b|\bimage\b|manifest|registry/i.test(DisplayMessage) ? "image" : "start";
    case "Failed Validation":
      return "start";
    case "Failed Artifact Download":
      return "artifact";
    case "Template":
      return "template";
    case "Killing":
      return /^Template/.test(DisplayMessage) ? "template" : "hook";
    case "Restart Signaled":
      return "check";
    case "Sibling Task Failed":
      return "sibling";
    case "Terminated":
      return Details?.oom_killed === "true" ? "memory" : "exit";
    default:
      return "hook";
  }
}

/**
 * How often a task of one allocation failed, as one number: "5 times in 2m". Ten events are kept, and every failure but
 * the last is followed by a restart, so that beyond these the count of restarts tells; restarts that somebody asked for
 * are in it, which then makes it "about".
 */
function often(state: TaskState, seen: number, over: number, lived: number | undefined): string | undefined {
  const counted = state.Restarts + (state.State === "dead" && state.Failed ? 1 : 0);
  if (counted <= seen) return seen > 1 ? `${seen} times in ${span(over)}` : undefined;
  if (counted < 2) return undefined;
  const asked = (state.Events ?? []).some(({ Type }) => Type === "Restart Signaled");
  return `${asked ? "about " : ""}${grouped(counted)} times${lived === undefined ? "" : ` in ${span(lived)}`}`;
}

function retryTime(restarting: TaskEvent): number | undefined {
  const at = fromNanoseconds(restarting.Time);
  const delay = fromNanoseconds(Number(restarting.Details?.start_delay ?? 0)) ?? 0;
  return at === undefined ? undefined : at + delay;
}

/** True where the present run has lasted clearly longer than any that ended before. */
function lastedLonger(state: TaskState, events: readonly TaskEvent[], now: number): boolean {
  const started = fromGoTime(state.StartedAt);
  if (started === undefined) return false;
  const longest = longestRun(events);
  // What works for long, ends well and is started again does its work, however odd that is for a service.
  const works = longest > worksAfter && events.every((event) => event.Type !== "Terminated" || !exitOf(event));
  return now - started > Math.max(provenAfter, works ? 0 : 2 * longest);
}

/** The longest run between a start and an end that the events still tell of, ms. */
export function longestRun(events: readonly TaskEvent[]): number {
  let longest = 0;
  let started: number | undefined;
  for (const event of events) {
    const at = fromNanoseconds(event.Time);
    if (event.Type === "Started") started = at;
    if (event.Type === "Terminated" && started !== undefined && at !== undefined)
      longest = Math.max(longest, at - started);
  }
  return longest;
}
