import type { TaskGroup } from "../state/job-types.ts";
import type { Allocation } from "../state/types.ts";

/** Hands out the names of a group's allocations: `job.group[n]`. */
export interface Names {
  next(count: number): string[];
  highest(count: number): Set<string>;
  /** Those of what is to be replaced first, then free ones, then some beyond the group's count; never an existing one. */
  canaries(count: number, replaced: readonly string[], existing: ReadonlySet<string>): string[];
}

/** Knows which indexes are taken. */
export function createNames(jobId: string, group: TaskGroup, taken: readonly Allocation[]): Names {
  const used = new Set(taken.map((alloc) => Number(/\[(\d+)\]$/.exec(alloc.Name)?.[1] ?? -1)));
  const name = (index: number) => `${jobId}.${group.Name}[${index}]`;
  return {
    next(count) {
      const out: string[] = [];
      for (let index = 0; out.length < count; index++) {
        if (used.has(index)) continue;
        used.add(index);
        out.push(name(index));
      }
      return out;
    },
    canaries(count, replaced, existing) {
      const below = Array.from({ length: group.Count }, (_, index) => index);
      const first = below.filter((index) => replaced.includes(name(index)));
      const free = below.filter((index) => !used.has(index) && !first.includes(index));
      const beyond = Array.from({ length: count }, (_, index) => group.Count + index);
      const chosen = [...[...first, ...free].filter((index) => !existing.has(name(index))), ...beyond].slice(0, count);
      for (const index of chosen) used.add(index);
      return chosen.map(name);
    },
    highest(count) {
      return new Set(
        [...used]
          .sort((a, b) => b - a)
          .slice(0, count)
          .map(name),
      );
    },
  };
}
