import { NomadError } from "../../../api/errors/errors.ts";
import { explain } from "../../../api/errors/explain.ts";
import { type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { called } from "../../allocations/words.ts";
import { judge } from "../health/health.ts";
import { readJobState } from "../health/job-state.ts";
import type { Verdict } from "../health/verdict.ts";
import { type Aim, runningFilter } from "./aim.ts";
import { isAhead, type Progress, positionOf } from "./restart-cursor.ts";
import { restartOne } from "./restart-one.ts";
import { isRunning, type Manner, type Restarted, watchAllocation } from "./restarted.ts";

/** What is restarted, and how. */
export interface Rolling extends Aim, Manner {
  /** So many at a time. */
  readonly batchSize: number;
  report(message: string): void;
}

/** Why a restart was stopped, and the allocation that failed, as it was then, where one did. */
export interface Stopped {
  readonly why: string;
  readonly seen?: AllocationStub | undefined;
}

/** How far a call came. */
export interface Run {
  readonly progress: Progress;
  /** What became of the allocations of this call, in order. */
  readonly restarted: readonly { readonly allocation: AllocationStub; readonly result: Restarted }[];
  /** Why it stopped before the end, or that something failed at the end; undefined where only the time was over. */
  readonly stopped: Stopped | undefined;
  /** True where nothing is left to do. */
  readonly complete: boolean;
}

/** Allocations without task states are 1 to 2 KB each. */
const pageSize = 100;
/** A batch is watched for so long, in ms: what crashes at its start does so by then. */
const settling = 3_000;
/** What a batch needs at least beyond what the longest one so far took, ms. */
const margin = 1_000;

/**
 * Restarts allocations batch by batch, each of them once, until all have been, one fails, or the time would not suffice
 * for another batch. Before each batch it looks whether a deployment has begun and whether the batch before still runs.
 * A fault on the way ends it like a failure, so that how far it came is told; only one before the first batch throws.
 */
export async function roll(nomad: NomadClient, rolling: Rolling, from: Progress): Promise<Run> {
  const state: RunState = { progress: from, restarted: [], before: [], longest: 0 };
  const queue = ahead(nomad, rolling, from);
  const run = (stopped?: Stopped, complete = false): Run => ({ ...state, stopped, complete });
  for (;;) {
    try {
      const end = await step(nomad, rolling, state, queue);
      if (end !== undefined) return run(end.stopped, end.complete);
    } catch (error) {
      if (!(error instanceof NomadError) || state.restarted.length === 0) throw error;
      return run(Date.now() < rolling.until ? { why: explain(error) } : undefined);
    }
  }
}

/** The verdict of a job after a restart, with the allocation that stopped it among what is looked at. */
export async function judgeAfter(nomad: NomadClient, jobId: string, { stopped }: Run): Promise<Verdict> {
  const state = await readJobState(nomad, jobId);
  const seen = stopped?.seen;
  if (seen === undefined) return await judge(state);
  // It may be none of the newest, of which alone the tasks are read.
  const latest = state.latest.some(({ ID }) => ID === seen.ID) ? state.latest : [seen, ...state.latest];
  return await judge({ ...state, latest });
}

interface RunState {
  progress: Progress;
  readonly restarted: { allocation: AllocationStub; result: Restarted }[];
  /** The batch before. */
  before: readonly Restarted[];
  /** What the longest batch took, ms. */
  longest: number;
}

interface End {
  readonly stopped?: Stopped | undefined;
  readonly complete?: boolean;
}

/** One batch; gives how it ends where it is the last one. */
async function step(
  nomad: NomadClient,
  rolling: Rolling,
  state: RunState,
  queue: AsyncGenerator<Queued, undefined>,
): Promise<End | undefined> {
  const { before, restarted } = state;
  const batch = await take(queue, rolling.batchSize);
  const last = batch.at(-1);
  // What a restart breaks shows at its start: the first batch and the last one are watched, those between only looked at.
  const watched = last === undefined || restarted.length === before.length;
  const fallen = watched ? await lasting(nomad, before, rolling.until) : await notRunning(nomad, rolling, restarted);
  if (last === undefined) return { stopped: fallen, complete: true };
  if (fallen !== undefined) return { stopped: fallen };
  const over = nomad.hurry?.aborted || Date.now() + state.longest + margin > rolling.until;
  if (restarted.length > 0 && over) return {};
  const hindrance = await rolling.hindrance?.();
  if (hindrance !== undefined) return { stopped: { why: hindrance } };

  const { progress } = state;
  rolling.report(`restarting ${progress.sent + 1} of ${progress.total}`);
  const began = Date.now();
  const results = await Promise.all(
    batch.map(async ({ allocation }) => ({ allocation, result: await restartOne(nomad, allocation, rolling) })),
  );
  state.longest = Math.max(state.longest, Date.now() - began);
  state.restarted.push(...results);
  state.before = results.map(({ result }) => result);
  const sent = results.filter(({ result }) => result.kind !== "gone").length;
  state.progress = { ...progress, last: positionOf(last.allocation), page: last.page, sent: progress.sent + sent };
  for (const { allocation, result } of results) {
    if (result.kind !== "failed") continue;
    return { stopped: { why: `${called(allocation)}: ${result.why}`, seen: result.seen } };
  }
  return results.some(({ result }) => result.kind === "unconfirmed") ? {} : undefined;
}

interface Queued {
  readonly allocation: AllocationStub;
  /** The token of the page on which it stands. */
  readonly page: string | undefined;
}

/** The allocations that are left, in order, page by page as they are needed. */
async function* ahead(nomad: NomadClient, rolling: Rolling, from: Progress): AsyncGenerator<Queued, undefined> {
  let page = from.page;
  for (;;) {
    const { items, next } = await nomad.list(allocations.list, {
      filter: runningFilter(rolling),
      task_states: false,
      per_page: pageSize,
      next_token: page,
    });
    const left = items.filter((each) => each.CreateIndex <= from.start && isAhead(from, each));
    const running = left.filter((each) => each.CreateIndex >= rolling.oldest && isRunning(each));
    for (const allocation of (await rolling.pick?.(running)) ?? running) yield { allocation, page };
    if (next === undefined || items.some(({ CreateIndex }) => CreateIndex > from.start)) return;
    page = next;
  }
}

async function take(queue: AsyncGenerator<Queued, undefined>, count: number): Promise<Queued[]> {
  const taken: Queued[] = [];
  while (taken.length < count) {
    const { value, done } = await queue.next();
    if (done || value === undefined) break;
    taken.push(value);
  }
  return taken;
}

/** Why what was restarted fails again, watched for a while; `latest`: and no longer than to then (ms, this machine's clock). */
export async function lasting(
  nomad: NomadClient,
  results: readonly Restarted[],
  latest: number,
): Promise<Stopped | undefined> {
  const until = Math.min(latest, Date.now() + settling);
  const whys = await Promise.all(
    results.map(async (result) => {
      if (result.kind !== "back") return undefined;
      const next = watchAllocation(nomad, result.id, until);
      for (let now = await next(); now !== undefined; now = await next()) {
        const why = result.failed(now);
        if (why !== undefined) return { why: `${called(now)} ran again, and then ${why}`, seen: now };
      }
      return undefined;
    }),
  );
  return whys.find((why) => why !== undefined);
}

/** The same of everything that this call restarted, as one request tells it. */
async function notRunning(
  nomad: NomadClient,
  { among }: Rolling,
  restarted: RunState["restarted"],
): Promise<Stopped | undefined> {
  const { items } = await nomad.list(allocations.list, {
    filter: `${among} and ClientStatus != "running" and DesiredStatus == "run" and NextAllocation == ""`,
    reverse: true,
    per_page: pageSize,
  });
  for (const { result } of restarted) {
    const now = result.kind === "back" ? items.find(({ ID }) => ID === result.id) : undefined;
    if (now && result.kind === "back") {
      return {
        why: `${called(now)} ran again, and then ${result.failed(now) ?? `was ${now.ClientStatus}`}`,
        seen: now,
      };
    }
  }
  return undefined;
}
