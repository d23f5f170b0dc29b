import type { AllocationStub } from "../../../endpoints/allocations.ts";
import { gather } from "../../../text/gather.ts";

/** What a group of a job has on a node that is or would be drained. */
export interface Drained {
  readonly jobId: string;
  readonly namespace: string;
  readonly type: AllocationStub["JobType"];
  readonly group: string;
  readonly here: readonly AllocationStub[];
}

/** Tells the groups of all jobs apart. */
export function groupKey({
  Namespace,
  JobID,
  TaskGroup,
}: Pick<AllocationStub, "Namespace" | "JobID" | "TaskGroup">): string {
  return JSON.stringify([Namespace, JobID, TaskGroup]);
}

/** Allocations by the group of the job that they are of. */
export function byGroup(allocations: readonly AllocationStub[]): Drained[] {
  return [...gather(allocations, groupKey).values()].flatMap((here): Drained[] => {
    const [first] = here;
    if (first === undefined) return [];
    return [{ jobId: first.JobID, namespace: first.Namespace, type: first.JobType, group: first.TaskGroup, here }];
  });
}

/** How many allocations some groups have on the node. */
export function countOf(groups: readonly Drained[]): number {
  return groups.reduce((sum, { here }) => sum + here.length, 0);
}
