import type { Job } from "../../../endpoints/job.ts";
import { some } from "../../../text/words.ts";
import { isObject, type JobSpec } from "./job-json.ts";

const mostNamed = 10;

/** What a job file changes of the groups that there are, in sentences: counts, and groups that it no longer has. */
export function groupChanges(present: Job, spec: JobSpec, preserveCounts: boolean): string[] {
  const groups = groupsOf(spec);
  // On every node runs one, whatever count is written.
  const counted = present.Type === "system" || present.Type === "sysbatch" ? [] : (present.TaskGroups ?? []);
  const counts = counted.flatMap(({ Name, Count }) => {
    const count = groups.get(Name);
    if (count === undefined || count === Count) return [];
    return preserveCounts ? `${Name} ${Count} (the file says ${count})` : `${Name} ${Count} -> ${count}`;
  });
  const gone = (present.TaskGroups ?? [])
    .filter(({ Name }) => !groups.has(Name))
    .map(({ Name, Count }) => `${Name} (count ${Count})`);
  return [
    ...(counts.length > 0 ? [countLine(some(counts, mostNamed), preserveCounts)] : []),
    ...(gone.length > 0 ? [`No longer in the file, and so stopped: ${some(gone, mostNamed)}`] : []),
  ];
}

function countLine(counts: string, preserved: boolean): string {
  return preserved
    ? `Counts kept: ${counts}`
    : `Counts changed: ${counts} (scaling may have set what there was; preserve_counts=true keeps it)`;
}

/** Groups by name with the counts that Nomad gives them (api/tasks.go, TaskGroup.Canonicalize). */
function groupsOf(spec: JobSpec): Map<string, number> {
  const groups: unknown[] = Array.isArray(spec.TaskGroups) ? spec.TaskGroups : [];
  return new Map(
    groups.map((group) => {
      const { Count, Name, Scaling } = isObject(group) ? group : {};
      const least = isObject(Scaling) ? Scaling.Min : undefined;
      return [String(Name), Number(Count ?? least ?? 1)];
    }),
  );
}
