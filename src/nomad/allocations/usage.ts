import type { AllocationStats, TaskStats } from "../../endpoints/allocations.ts";

/** What one task uses; undefined where its driver does not measure it. */
export interface Usage {
  readonly cpuMhz: number | undefined;
  readonly memoryMb: number | undefined;
  /** The most memory since its start, which few drivers keep (operator-observed.md §3). */
  readonly mostMemoryMb: number | undefined;
}

/** More than any machine has, in bytes: what a driver reports above it is no measurement (mock_driver's are random). */
const unbelievable = 2 ** 50;
/** Figures so much older than the newest of their allocation, in ns, are of a task that has ended. */
const stale = 60e9;

/** Why a client has no figures at all of what runs there, as a rule (operator-observed.md §3). */
export const notCollected = "telemetry { publish_allocation_metrics = true } is not in the client's configuration";

/** What the tasks of an allocation use, by name: of those that are measured. */
export function usageByTask({ Tasks, Timestamp }: AllocationStats): Map<string, Usage> {
  const fresh = Object.entries(Tasks ?? {}).filter(([, task]) => task.Timestamp >= Timestamp - stale);
  return new Map(fresh.map(([name, task]) => [name, usageOf(task)]));
}

function usageOf({ ResourceUsage: used }: TaskStats): Usage {
  const { CpuStats: cpu, MemoryStats: memory } = used ?? { CpuStats: null, MemoryStats: null };
  const inMb = (size: number | undefined) =>
    size === undefined || size >= unbelievable ? undefined : Math.round(size / 1024 ** 2);
  const most = memory?.Measured?.includes("Max Usage") ? memory.MaxUsage : undefined;
  return {
    cpuMhz: cpu?.Measured?.length ? Math.round(cpu.TotalTicks) : undefined,
    memoryMb: inMb(memory?.Measured?.length ? memory.Usage || memory.RSS : undefined),
    mostMemoryMb: inMb(most || undefined),
  };
}
