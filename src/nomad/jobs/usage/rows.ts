import { type Measured, peakOf } from "./measure.ts";
import type { SampledGroup } from "./sample.ts";

/** One task of a group that runs: what it asked for, and the most that was seen of it in one allocation. */
export interface UsageRow extends Pick<SampledGroup, "job" | "namespace" | "group" | "running"> {
  readonly task: string;
  /** How many allocations it was looked at in. */
  readonly looked: number;
  readonly asked: {
    readonly cpuMhz: number;
    /** What the scheduler keeps for it. */
    readonly memoryMb: number;
    /** What it may take beyond that; the same where it may not. */
    readonly mostMb: number;
  };
  /** Undefined each where it is not measured. */
  readonly peak: { readonly cpuMhz: number | undefined; readonly memoryMb: number | undefined };
}

/** It asks for far more than it used where that is this many times the peak, and so much lies idle, MB. */
const farTimes = 2;
const farMb = 64;
/** Close to what it may take from this part of it on. */
const close = 0.9;

/** A row for each task that runs all the time: those that only prepare or clean up have their room by turns. */
export function usageRows(groups: readonly SampledGroup[], { peaks }: Measured): UsageRow[] {
  const rows = groups.flatMap(({ taken, ...group }) => {
    const [newest] = taken;
    const lives = newest?.AllocatedResources?.TaskLifecycles ?? {};
    const lasting = Object.entries(newest?.AllocatedResources?.Tasks ?? {}).filter(
      ([name]) => !lives[name]?.Hook || lives[name].Sidecar,
    );
    return lasting.map(([task, { Cpu, Memory }]) => {
      const usages = taken.flatMap(({ ID }) => peaks.get(ID)?.get(task) ?? []);
      const { cpuMhz, memoryMb, mostMemoryMb } = peakOf(usages);
      const peak = { cpuMhz, memoryMb: memoryMb && Math.max(memoryMb, mostMemoryMb ?? 0) };
      const asked = {
        cpuMhz: Cpu.CpuShares,
        memoryMb: Memory.MemoryMB,
        mostMb: Math.max(Memory.MemoryMB, Memory.MemoryMaxMB),
      };
      return { ...group, task, looked: taken.length, asked, peak };
    });
  });
  return rows.toSorted((one, other) => rank(other) - rank(one) || (idleMb(other) ?? -1) - (idleMb(one) ?? -1));
}

/** What of its memory nobody used while it was looked, in all that run, MB; undefined where it is not measured. */
export function idleMb({ asked, peak, running }: UsageRow): number | undefined {
  return peak.memoryMb === undefined ? undefined : Math.max(0, asked.memoryMb - peak.memoryMb) * running;
}

export function asksFarMore(row: UsageRow): boolean {
  const { asked, peak } = row;
  return peak.memoryMb !== undefined && asked.memoryMb >= farTimes * peak.memoryMb && (idleMb(row) ?? 0) >= farMb;
}

export const isClose = ({ asked, peak }: UsageRow) =>
  peak.memoryMb !== undefined && asked.mostMb > 0 && peak.memoryMb >= close * asked.mostMb;

const rank = (row: UsageRow) => (row.peak.memoryMb === undefined ? 0 : asksFarMore(row) ? 2 : 1);
