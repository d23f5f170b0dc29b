import type { TaskGroup } from "../state/job-types.ts";
import type { Allocation } from "../state/types.ts";

/** Hands out the names of a group's allocations: `job.group[n]`. */
export interface Names {
  next(count: number): string[];
  highest(count: number): Set<string>;
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
