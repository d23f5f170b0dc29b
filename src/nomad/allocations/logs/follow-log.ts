import { NomadError } from "../../../api/errors/errors.ts";
import { whenAborted } from "../../../deadline.ts";
import { type Allocation, allocations } from "../../../endpoints/allocations.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { fromGoTime } from "../../../text/time.ts";
import { hasEnded } from "../words.ts";
import {
  endOf,
  linesOf,
  matching,
  type NothingLogged,
  noLog,
  type Sought,
  type Stream,
  type Unreachable,
  withoutHead,
} from "./logs.ts";

/** What a stream gave while it was followed. */
export interface NewLines {
  readonly kind: "new";
  /** The newest of the lines that came (and match), oldest first, as the task wrote them. */
  readonly lines: readonly string[];
  /** How many came (and match) in all; where it gave too much to keep, how many of those that were kept. */
  readonly count: number;
  /** True where it gave more than is kept, so that the oldest of it was dropped. */
  readonly overflowed: boolean;
}

/** How following a task went. */
export interface Following {
  readonly streams: ReadonlyMap<Stream, NewLines | NothingLogged | Unreachable>;
  /** Why it ended. */
  readonly ended: "time" | "task ended" | "connection lost";
  /** How long it lasted, ms. */
  readonly lasted: number;
  /** The allocation as it was last seen. */
  readonly allocation: Allocation;
}

/** What to follow, and how long at most. */
export interface FollowWanted {
  readonly task: string;
  readonly streams: readonly Stream[];
  readonly seconds: number;
  readonly lines: number;
  readonly contains?: Sought | undefined;
  /** The call's own: what came until it aborts is the result. */
  readonly signal: AbortSignal;
}

/** So far back the beginning of a line is looked for that was begun before the following, in bytes. */
const lineBegun = 4 * 1024;
/** What is kept of a stream, in bytes. */
const mostKept = 4 * 1024 * 1024;
/** Nomad sends log text in batches of 200 ms: after a task's end its last one may still be on the way; in ms. */
const lastBatch = 500;

/** True where the task will write nothing more in this allocation. */
export function isOver({ TaskStates, ClientStatus }: Allocation, task: string): boolean {
  return TaskStates?.[task]?.State === "dead" || hasEnded({ ClientStatus });
}

/**
 * Takes what a task writes from now on, until the time is over or the task has ended: the stream of a dead task never
 * ends by itself (nomad-observed.md §5), so its allocation is watched beside it. A task that has not started yet is waited
 * for, and then followed from its first byte.
 *
 * @throws NomadError where the logs may not be read.
 */
export async function followTask(nomad: NomadClient, allocation: Allocation, wanted: FollowWanted): Promise<Following> {
  const began = Date.now();
  const over = new AbortController();
  const signal = AbortSignal.any([wanted.signal, over.signal]);
  const bounded = nomad.within(signal);
  const timer = setTimeout(() => over.abort(), wanted.seconds * 1000);
  const forget = whenAborted(nomad.hurry, () => over.abort());
  const isDead = (now: Allocation) => isOver(now, wanted.task);
  const hasStarted = (now: Allocation) => fromGoTime(now.TaskStates?.[wanted.task]?.StartedAt) !== undefined;
  try {
    const first = await watch(bounded, allocation, (now) => hasStarted(now) || isDead(now));
    if (!hasStarted(first)) {
      const nothing: NothingLogged = { kind: "nothing", why: "not started" };
      const streams = new Map(wanted.streams.map((stream) => [stream, nothing]));
      return { streams, ended: isDead(first) ? "task ended" : "time", lasted: Date.now() - began, allocation: first };
    }
    const from = hasStarted(allocation) ? "end" : "start";
    const watching = watch(bounded, first, isDead).then((last) => {
      if (isDead(last)) setTimeout(() => over.abort(), lastBatch);
      return last;
    });
    const streaming = Promise.all(
      wanted.streams.map((stream) => newLines(bounded, first.ID, stream, from, { ...wanted, signal })),
    );
    // Where no stream can be read there is nothing to wait for.
    const [results, last] = await Promise.all([streaming.finally(() => over.abort()), watching]);
    const broken = results.some(({ broken }) => broken);
    return {
      streams: new Map(results.map(({ stream, result }) => [stream, result])),
      ended: isDead(last) ? "task ended" : broken ? "connection lost" : "time",
      lasted: Date.now() - began,
      allocation: last,
    };
  } finally {
    clearTimeout(timer);
    forget();
    over.abort();
  }
}

/** Waits until the allocation is as asked; gives it as it was last seen where it cannot be watched any longer. */
async function watch(
  nomad: NomadClient,
  allocation: Allocation,
  isDone: (now: Allocation) => boolean,
): Promise<Allocation> {
  let last = allocation;
  let index = allocation.ModifyIndex;
  while (!isDone(last)) {
    try {
      const next = await nomad.watch(allocations.get, { allocation_id: last.ID }, index, 60);
      last = next.value;
      index = next.index;
    } catch (error) {
      if (error instanceof NomadError) return last;
      throw error;
    }
  }
  return last;
}

interface Streamed {
  readonly stream: Stream;
  readonly result: NewLines | NothingLogged | Unreachable;
  /** True where the stream ended by itself, which it does not do while all is well. */
  readonly broken: boolean;
}

async function newLines(
  nomad: NomadClient,
  allocationId: string,
  stream: Stream,
  origin: "start" | "end",
  { task, seconds, lines, contains, signal }: FollowWanted,
): Promise<Streamed> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let dropped = false;
  let old = 0;
  try {
    if (origin === "end") {
      // With offset 0 Nomad gives the whole newest file: right only where it is empty, so that all of it is new.
      old = Math.min(lineBegun, (await endOf(nomad, allocationId, task, stream, lineBegun)).byteLength);
    }
    const query = { task, type: stream, plain: true, follow: true, origin, offset: old };
    // A little longer than the time that is given: what ends it is the signal.
    for await (const chunk of nomad.follow(allocations.logs, { allocation_id: allocationId, ...query }, seconds + 5)) {
      chunks.push(chunk);
      size += chunk.byteLength;
      while (size > mostKept && chunks.length > 1) {
        size -= chunks.shift()?.byteLength ?? 0;
        dropped = true;
      }
    }
  } catch (error) {
    const reason = noLog(error);
    if (reason !== undefined) return { stream, result: reason, broken: false };
    if (!(error instanceof NomadError) || error.kind === "forbidden") throw error;
  }
  const fresh = freshLines(Buffer.concat(chunks), old, dropped);
  const found = contains === undefined ? fresh : matching(fresh, contains);
  const result = { kind: "new", lines: found.slice(-lines), count: found.length, overflowed: dropped } as const;
  return { stream, result, broken: !signal.aborted };
}

/** The lines that have a byte after the first `old` ones; where the first bytes are gone, those that are whole. */
function freshLines(all: Buffer, old: number, dropped: boolean): string[] {
  if (!dropped && all.byteLength <= old) return [];
  const lineEnd = dropped ? all.indexOf("\n") : all.subarray(0, old).lastIndexOf("\n");
  const lines = linesOf(all.subarray(lineEnd + 1));
  // Where no line ends in what is there, the first one began before it.
  return lineEnd < 0 && (dropped || old === lineBegun) ? withoutHead(lines) : lines;
}
