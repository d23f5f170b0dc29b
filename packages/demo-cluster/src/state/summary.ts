import type { Job } from "./job-types.ts";
import type { Allocation, Evaluation, GroupSummary, JobSummary } from "./types.ts";

const NONE: GroupSummary = { Queued: 0, Complete: 0, Failed: 0, Running: 0, Starting: 0, Lost: 0, Unknown: 0 };

/** The summary of a job that has nothing yet. */
export function emptySummary(job: Job, index: number): JobSummary {
  return {
    JobID: job.ID,
    Namespace: job.Namespace,
    Summary: Object.fromEntries(job.TaskGroups.map((group) => [group.Name, NONE])),
    Children: { Pending: 0, Running: 0, Dead: 0 },
    CreateIndex: index,
    ModifyIndex: index,
  };
}

const COLUMN: Record<Allocation["ClientStatus"], keyof GroupSummary> = {
  pending: "Starting",
  running: "Running",
  complete: "Complete",
  failed: "Failed",
  lost: "Lost",
  unknown: "Unknown",
};

/** The summary after an allocation was placed or changed its status; undefined where nothing changes. */
export function summaryAfterAlloc(
  summary: JobSummary | undefined,
  alloc: Allocation,
  before: Allocation | undefined,
): JobSummary | undefined {
  // an allocation of an earlier job of the same name is nobody's
  if (!summary || summary.CreateIndex !== alloc.Job.CreateIndex) return undefined;
  const old = summary.Summary[alloc.TaskGroup];
  if (!old) return undefined;
  const group = { ...old };
  if (!before) {
    group.Starting++;
    if (group.Queued > 0) group.Queued--;
  } else if (before.ClientStatus !== alloc.ClientStatus) {
    group[COLUMN[alloc.ClientStatus]]++;
    // failed and complete are counted for ever
    const left = COLUMN[before.ClientStatus];
    if (left !== "Failed" && left !== "Complete" && group[left] > 0) group[left]--;
  } else return undefined;
  return { ...summary, Summary: { ...summary.Summary, [alloc.TaskGroup]: group } };
}

/** The summary after an evaluation said how many allocations still wait for a place. */
export function summaryAfterEval(summary: JobSummary | undefined, evaluation: Evaluation): JobSummary | undefined {
  if (!summary || !evaluation.QueuedAllocations) return undefined;
  const groups = { ...summary.Summary };
  let changed = false;
  for (const [name, queued] of Object.entries(evaluation.QueuedAllocations)) {
    const group = groups[name];
    if (!group || group.Queued === queued) continue;
    groups[name] = { ...group, Queued: queued };
    changed = true;
  }
  return changed ? { ...summary, Summary: groups } : undefined;
}
