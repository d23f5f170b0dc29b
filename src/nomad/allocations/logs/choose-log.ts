import { Refusal } from "../../../api/errors/refusal.ts";
import { literal } from "../../../api/request/path.ts";
import { type Allocation, type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import type { TaskGroup } from "../../../endpoints/job.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { fromGoTime } from "../../../text/time.ts";
import { all, short } from "../../../text/words.ts";
import { isParent, type JobState, readJobState } from "../../jobs/health/job-state.ts";
import { newestChild } from "../../jobs/health/parent.ts";
import type { Verdict } from "../../jobs/health/verdict.ts";
import { readAllocation, tasksOf } from "../allocation.ts";
import { type Stream, type Tail, tail, type Unreachable, type Wanted } from "./logs.ts";

/** Which part of a job the question is about. */
export interface LogWanted {
  readonly group?: string | undefined;
  readonly task?: string | undefined;
  /** True where new lines are waited for: what has ended writes none. */
  readonly live?: boolean;
}

/** An allocation whose log may answer the question. */
export interface Candidate {
  readonly allocation: AllocationStub;
  /** The task that the verdict names; undefined where the allocation itself has to tell. */
  readonly task?: string | undefined;
  /** Why this one, as a phrase: "the newest running one". */
  readonly why: string;
}

/**
 * The job whose allocations have the log: the job itself, or the newest child of a periodic or parameterized one, which
 * runs nothing itself. Undefined where no child is kept.
 */
export async function runningPart(state: JobState): Promise<JobState | undefined> {
  const { job, nomad } = state;
  if (!isParent(job)) return state;
  const child = await newestChild(nomad, job);
  return child && (await readJobState(nomad, child.ID));
}

/**
 * The allocations whose log answers the question, the best first: the one that the verdict names as the present cause,
 * else those that run, the newest first, else the newest of all. A failure that is over is no answer while something
 * runs. Empty where there is no allocation.
 *
 * @throws Refusal where the job has no such group or task.
 */
export async function logCandidates(state: JobState, verdict: Verdict, wanted: LogWanted): Promise<Candidate[]> {
  const groups = groupsOf(state, wanted);
  const here = (allocation: AllocationStub) => groups.some(({ Name }) => Name === allocation.TaskGroup);
  const cause = verdict.causes.find(
    ({ allocation, task }) => allocation && here(allocation) && (!wanted.task || !task || task === wanted.task),
  );
  const running = state.current.filter((allocation) => here(allocation) && allocation.ClientStatus === "running");
  const latest = state.latest.filter(here);
  const others = latest.length + running.length > 0 ? latest : await newestOf(state, groups);
  const candidates: Candidate[] = [
    ...(cause?.allocation
      ? [{ allocation: cause.allocation, task: cause.task, why: `the reason why the job is ${verdict.condition}` }]
      : []),
    ...running.map((allocation, index) => ({
      allocation,
      why: `${index === 0 ? "the newest" : "another"} running one`,
    })),
    ...others.map((allocation) => ({
      allocation,
      why: allocation.ClientStatus === "running" ? "the newest running one" : "the newest, none is running",
    })),
  ];
  const ended = ({ allocation }: Candidate) => !["pending", "running"].includes(allocation.ClientStatus);
  const ordered = wanted.live
    ? candidates.toSorted((one, other) => Number(ended(one)) - Number(ended(other)))
    : candidates;
  const ids = ordered.map(({ allocation }) => allocation.ID);
  return ordered
    .filter(({ allocation }, index) => ids.indexOf(allocation.ID) === index)
    .map((candidate) => (wanted.task === undefined ? candidate : { ...candidate, task: wanted.task }));
}

/**
 * The task of an allocation whose log is wanted: the one that is named, else the one that fails, else the main one.
 *
 * @throws Refusal where the allocation has no such task.
 */
function chooseTask(allocation: Allocation, named: string | undefined): string {
  const tasks = tasksOf(allocation);
  const names = tasks.length > 0 ? tasks.map(({ Name }) => Name) : Object.keys(allocation.TaskStates ?? {});
  if (named !== undefined) {
    if (names.includes(named)) return named;
    throw new Refusal(`Allocation ${short(allocation.ID)} has no task ${JSON.stringify(named)}: it has ${all(names)}.`);
  }
  const state = (name: string) => allocation.TaskStates?.[name];
  const failing =
    names.find((name) => state(name)?.Failed) ??
    names.find((name) => state(name)?.State === "pending" && (state(name)?.Restarts ?? 0) > 0);
  const main = tasks.filter(({ Lifecycle }) => !Lifecycle);
  const chosen = main.find(({ Leader }) => Leader) ?? main[0];
  // While the main task waits for a prestart task, that one has the answer.
  const waits = chosen !== undefined && fromGoTime(state(chosen.Name)?.StartedAt) === undefined;
  const awaited = tasks.find(
    ({ Name, Lifecycle }) => Lifecycle?.Hook === "prestart" && !Lifecycle.Sidecar && state(Name)?.State === "running",
  );
  return failing ?? (waits ? awaited?.Name : undefined) ?? chosen?.Name ?? names[0] ?? "";
}

/** The ends of the streams of one task. */
export interface TaskLog {
  readonly allocation: Allocation;
  readonly task: string;
  readonly tails: ReadonlyMap<Stream, Tail>;
}

/** The log that was chosen. */
export interface ChosenLog extends TaskLog {
  readonly why: string;
  /** Those that would have been better and cannot be read, with the reason, as sentences without a full stop. */
  readonly skipped: readonly string[];
}

/** Where nodes are gone, so many are tried before it is said. */
const mostTried = 3;

/**
 * Reads the first log, of the candidates in their order, that can be reached; where none can, the last one tried. Undefined
 * where there is no candidate.
 */
export async function openLog(
  nomad: NomadClient,
  candidates: readonly Candidate[],
  streams: readonly Stream[],
  wanted: Wanted,
): Promise<ChosenLog | undefined> {
  const skipped: string[] = [];
  const gone = new Set<string>();
  let last: ChosenLog | undefined;
  for (const { allocation, task, why } of candidates) {
    if (gone.has(allocation.NodeID)) continue;
    const found = await readAllocation(nomad, allocation.ID);
    const log = await readLog(found.nomad, found.allocation, task, streams, wanted);
    last = { ...log, why, skipped: [...skipped] };
    const reason = unreachable(log);
    if (reason === undefined) return last;
    if (reason.why === "node gone") gone.add(allocation.NodeID);
    skipped.push(unreachableText(found.allocation, reason));
    if (skipped.length === mostTried) return last;
  }
  return last;
}

/** Reads the log of one allocation; of the task that is named, else of the one that tells most. */
export async function readLog(
  nomad: NomadClient,
  allocation: Allocation,
  named: string | undefined,
  streams: readonly Stream[],
  wanted: Wanted,
): Promise<TaskLog> {
  const task = chooseTask(allocation, named);
  const state = allocation.TaskStates?.[task];
  const neverRan = state !== undefined && fromGoTime(state.StartedAt) === undefined;
  const read = async (stream: Stream) => {
    const found = await tail(nomad, allocation.ID, task, stream, wanted);
    // Whether its node can be reached does not matter then.
    const nothing: Tail = { kind: "nothing", why: "not started" };
    return [stream, neverRan && found.kind === "unreachable" ? nothing : found] as const;
  };
  return { allocation, task, tails: new Map(await Promise.all(streams.map(read))) };
}

/** Why nothing of a log can be read; undefined where something can, or where there is nothing to read. */
export function unreachable({ tails }: TaskLog): Unreachable | undefined {
  const found = [...tails.values()];
  const [first] = found;
  return first?.kind === "unreachable" && found.every(({ kind }) => kind === "unreachable") ? first : undefined;
}

/** Where a log is that cannot be read, as a sentence without a full stop. */
export function unreachableText({ ID, NodeName, NodeID }: Allocation, { why }: Unreachable): string {
  const node = NodeName || short(NodeID);
  return why === "node gone"
    ? `the logs of ${short(ID)} are on node ${node}, which cannot be reached (down, disconnected or removed)`
    : `node ${node} has cleaned ${short(ID)} up: its logs are deleted`;
}

function groupsOf({ job }: JobState, { group, task }: LogWanted): readonly TaskGroup[] {
  const groups = job.TaskGroups ?? [];
  const named = group === undefined ? groups : groups.filter(({ Name }) => Name === group);
  if (named.length === 0) {
    throw new Refusal(
      `Job ${job.ID} has no group ${JSON.stringify(group ?? "")}: it has ${all(groups.map(({ Name }) => Name))}.`,
    );
  }
  const withTask = named.filter(({ Tasks }) => task === undefined || Tasks?.some(({ Name }) => Name === task));
  if (withTask.length > 0) return withTask;
  const tasks = named.map(({ Name, Tasks }) => `${all((Tasks ?? []).map((each) => each.Name))} in group ${Name}`);
  throw new Refusal(`Job ${job.ID} has no task ${JSON.stringify(task ?? "")}: it has ${tasks.join("; ")}.`);
}

/** The newest allocations of some groups, where those of the whole job that were read are all of other groups. */
async function newestOf({ nomad, job, latest }: JobState, groups: readonly TaskGroup[]): Promise<AllocationStub[]> {
  if (latest.length === 0) return [];
  const ofGroups = groups.map(({ Name }) => `TaskGroup == ${literal(Name)}`).join(" or ");
  const { items } = await nomad.list(allocations.list, {
    filter: `JobID == ${literal(job.ID)} and (${ofGroups})`,
    reverse: true,
    per_page: 3,
    task_states: false,
  });
  return items.filter(({ CreateIndex }) => CreateIndex >= job.CreateIndex);
}
