import type { AllocationStub } from "../../../endpoints/allocations.ts";
import { gather } from "../../../text/gather.ts";
import { fromNanoseconds } from "../../../text/time.ts";
import { type TaskTrouble, taskTrouble } from "../../allocations/task-trouble.ts";
import { given } from "../../shared/parts.ts";
import type { Jobs } from "./jobs-seen.ts";
import type { JobsLook } from "./look.ts";
import type { Problem } from "./problem.ts";

/** What failed and was replaced longer ago than this, in ms, is history. */
const lately = 10 * 60_000;
/** What has not started after this long, in ms, is not just starting. */
const startingTime = 60_000;

/** What is wrong with the allocations of one job. */
interface Failing {
  readonly key: string;
  /** "crash looping", "dead", "failed", "partly failed", "not starting", or what its row says */
  readonly kind: string;
  /** "a task exits with code 1"; empty where nothing tells. */
  readonly what: string;
}

/**
 * Jobs whose allocations fail, those together that fail alike; and those of which only the row in the list of jobs tells
 * that they are not as asked.
 */
export function failingProblems(look: JobsLook, jobs: Jobs): Problem[] {
  const byJob = (part: JobsLook["away"]) => {
    const known = (given(part)?.items ?? []).filter((each) => jobs.keyOf(each) !== undefined);
    return gather(known, (each) => jobs.keyOf(each) ?? "");
  };
  const [away, detailed, replaced, ended] = [look.away, look.detailed, look.replaced, look.ended].map(byJob);
  const suspects = new Set([away, detailed, replaced, jobs.rows].flatMap((each) => [...(each?.keys() ?? [])]));
  const nodesOf = (key: string) =>
    [away, detailed, ended].flatMap((each) => (each?.get(key) ?? []).map(({ NodeName }) => NodeName));
  const failing = [...suspects].flatMap((key) => {
    if (jobs.isTold(key)) return [];
    const found = failingOf(key, jobs, {
      away: away?.get(key) ?? [],
      detailed: detailed?.get(key) ?? [],
      ended: ended?.get(key) ?? [],
      replaced: failedLately(replaced?.get(key) ?? [], key, jobs),
    });
    return found ? [found] : [];
  });
  for (const { key } of failing) jobs.tell(key);
  return [...gather(failing, ({ kind, what }) => `${kind}\n${what}`).values()].flatMap((group): Problem[] => {
    const [first] = group;
    if (first === undefined) return [];
    const [node, ...others] = new Set(group.flatMap(({ key }) => nodesOf(key)));
    // Of one job it says little, of several it may be the cause.
    const where = group.length > 1 && node && others.length === 0 ? `, all on node ${node}` : "";
    const sentence = `${[first.kind, first.what].filter(Boolean).join(": ")}${where}`;
    const rank = first.kind === "dead" ? "down" : "failing";
    return [
      {
        rank,
        sentence,
        jobs: group
          .map(({ key }) => key)
          .toSorted()
          .map(jobs.affected),
      },
    ];
  });
}

/**
 * When allocations of a job failed that were replaced, newest first: those of its present version, as far as the row tells,
 * and only lately.
 */
function failedLately(replaced: readonly AllocationStub[], key: string, jobs: Jobs): number[] {
  const submitted = fromNanoseconds(jobs.rows.get(key)?.job.SubmitTime) ?? 0;
  const times = replaced.map(({ ModifyTime }) => fromNanoseconds(ModifyTime) ?? 0);
  return times.filter((at) => at > submitted && jobs.now - at < lately).toSorted((one, other) => other - one);
}

/** True where what replaced the last one has run for twice as long as it took to fail: that is over. */
function isOver([last, before]: readonly number[], now: number): boolean {
  return last !== undefined && before !== undefined && now - last > Math.max(2 * (last - before), startingTime);
}

interface Allocations {
  /** What should run and does not. */
  readonly away: readonly AllocationStub[];
  /** Some of them, and of those that run after restarts, with their tasks. */
  readonly detailed: readonly AllocationStub[];
  /** Some of those that failed and were replaced, with their tasks. */
  readonly ended: readonly AllocationStub[];
  /** When those failed that failed lately and were replaced, newest first, ms. */
  readonly replaced: readonly number[];
}

function failingOf(key: string, jobs: Jobs, { away, detailed, ended, replaced }: Allocations): Failing | undefined {
  const row = jobs.rows.get(key);
  const troubles = detailed.flatMap((allocation) => troublesOf(allocation, jobs.now));
  const [cause] = [...troubles, ...ended.flatMap((allocation) => troublesOf(allocation, jobs.now))];
  const what = cause ? `a task ${cause.what}` : "";
  const restarted = detailed.some((each) => each.ClientStatus === "running" && troublesOf(each, jobs.now).length > 0);
  const waits = troubles.some(({ repeats, retryAt }) => repeats && retryAt !== undefined);
  const repeats = replaced.length > 1 && !(away.length === 0 && isOver(replaced, jobs.now));
  if (restarted || waits || repeats || (replaced.length > 0 && away.length > 0)) {
    return { key, kind: "crash looping", what };
  }
  if (away.some(({ ClientStatus }) => ClientStatus === "failed")) {
    const { Type, Periodic, ParameterizedJob } = row?.job ?? {};
    if (Type === "batch" || Type === "sysbatch" || Periodic || ParameterizedJob) return { key, kind: "failed", what };
    const alive = (row?.state.counts.running ?? 0) + (row?.state.counts.starting ?? 0) > 0;
    return { key, kind: alive ? "partly failed" : "dead", what };
  }
  const slow = away.some((each) => each.ClientStatus === "pending" && ageOf(each.CreateTime, jobs.now) > startingTime);
  if (slow) return { key, kind: "not starting", what };
  if (row?.state.trouble !== 2) return undefined;
  if (!/^dead|nothing running/.test(row.state.state)) return { key, kind: row.state.state, what };
  return { key, kind: "dead", what: what || row.state.state.replace(/^dead, /, "") };
}

/** The troubles that the tasks have now: of those that run again only while they have not run longer than before. */
function troublesOf({ TaskStates, ClientStatus }: AllocationStub, now: number): TaskTrouble[] {
  const all = Object.values(TaskStates ?? {}).flatMap((state) => taskTrouble(state, now) ?? []);
  // A task that was stopped because of another one is not where it began.
  const found = all.filter(({ what }) => !what.startsWith("was stopped with"));
  return ClientStatus === "running" ? found.filter(({ present, repeats }) => present && repeats) : found;
}

const ageOf = (nanoseconds: number, now: number) => now - (fromNanoseconds(nanoseconds) ?? now);
