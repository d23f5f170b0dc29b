import { setTimeout } from "node:timers/promises";
import { NomadError } from "../../../api/errors/errors.ts";
import { type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { fromNanoseconds } from "../../../text/time.ts";
import { type Usage, usageByTask } from "../../allocations/usage.ts";

/** How long it is looked, and who is told. */
export interface Looking {
  readonly seconds: number;
  readonly signal: AbortSignal;
  report(message: string): void;
}

/** What was seen of some allocations. */
export interface Measured {
  /** The most that was seen, by the id of the allocation, then by task: of those that are measured. */
  readonly peaks: ReadonlyMap<string, ReadonlyMap<string, Usage>>;
  readonly looks: number;
  /** From the first look to the last one, s. */
  readonly seconds: number;
  /** Names of nodes that have no figures of what runs there, and of those that did not answer. */
  readonly silent: readonly string[];
  readonly unreached: readonly string[];
}

/** So many requests go to the nodes in one call, and so long is each look, ms: it does not wait for a node that does not answer. */
const mostRequests = 160;
const patience = 3_000;
/** A client measures what it has started by the second, where its operator has not said otherwise, ms. */
const enough = 2_000;

/**
 * Looks several times at what allocations use, at most once a second, as often as clients measure. What did not answer is
 * not asked again; where nothing is measured at all, one look is enough.
 */
export async function measure(
  nomad: NomadClient,
  sampled: readonly AllocationStub[],
  { seconds, signal, report }: Looking,
): Promise<Measured> {
  const peaks = new Map<string, Map<string, Usage>>();
  const silent = new Set<string>();
  const unreached = new Set<string>();
  // A client has no figures yet of what has just started.
  const young = new Set(sampled.filter(({ CreateTime }) => isYoung(CreateTime, nomad.now())).map(({ ID }) => ID));
  let asked = sampled;
  const most = Math.max(1, Math.min(seconds + 1, Math.floor(mostRequests / Math.max(1, sampled.length))));
  const pause = most > 1 ? (seconds * 1000) / (most - 1) : 0;
  const began = performance.now();
  let looks = 0;
  let last = began;
  while (asked.length > 0) {
    const limited = nomad.within(AbortSignal.timeout(patience));
    last = performance.now();
    const answers = await Promise.all(
      asked.map(async ({ ID, Namespace }) => {
        try {
          return await limited.in(Namespace).get(allocations.stats, { allocation_id: ID });
        } catch (error) {
          if (!(error instanceof NomadError) || signal.aborted) throw error;
          return error.kind;
        }
      }),
    );
    looks++;
    asked = asked.filter((allocation, index) => {
      const stats = answers[index];
      // One that has ended meanwhile is not found.
      if (stats === undefined || stats === "not_found") return false;
      if (typeof stats === "string") unreached.add(allocation.NodeName);
      else if (Object.keys(stats.Tasks ?? {}).length === 0 && young.has(allocation.ID)) return true;
      else if (Object.keys(stats.Tasks ?? {}).length === 0) silent.add(allocation.NodeName);
      else {
        const before = peaks.get(allocation.ID);
        peaks.set(allocation.ID, higher(before, usageByTask(stats)));
        return true;
      }
      return false;
    });
    const figures = young.size > 0 || [...peaks.values()].some((tasks) => [...tasks.values()].some(isMeasured));
    if (looks >= most || !figures || nomad.hurry?.aborted) break;
    report(`looked ${looks} of ${most} times`);
    await setTimeout(Math.max(0, last + pause - performance.now()), undefined, { signal }).catch(() => undefined);
  }
  if (last - began >= enough) for (const { ID, NodeName } of asked) if (!peaks.has(ID)) silent.add(NodeName);
  return {
    ...{ peaks, looks, seconds: (last - began) / 1000 },
    silent: [...silent].sort(),
    unreached: [...unreached].sort(),
  };
}

const isYoung = (created: number, now: number) => (fromNanoseconds(created) ?? 0) > now - 10_000;
const isMeasured = ({ cpuMhz, memoryMb }: Usage) => cpuMhz !== undefined || memoryMb !== undefined;

function higher(before: ReadonlyMap<string, Usage> | undefined, now: ReadonlyMap<string, Usage>): Map<string, Usage> {
  const all = new Map(before);
  for (const [task, usage] of now) all.set(task, peakOf([usage, all.get(task)]));
  return all;
}

/** The highest of each figure. */
export function peakOf(usages: readonly (Usage | undefined)[]): Usage {
  const most = (figure: keyof Usage) => {
    const known = usages.flatMap((usage) => usage?.[figure] ?? []);
    return known.length > 0 ? Math.max(...known) : undefined;
  };
  return { cpuMhz: most("cpuMhz"), memoryMb: most("memoryMb"), mostMemoryMb: most("mostMemoryMb") };
}
