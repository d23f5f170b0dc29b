import { clientStatus } from "./allocations.ts";
import { jobStatus, jobType } from "./job.ts";
import { anything, fields, flag, id, indexes, list, map, maybe, number, optional, text, texts } from "./schema.ts";

// What tells how jobs are, without the jobs themselves.

export const groupSummary = fields({
  Queued: number,
  Complete: number,
  Failed: number,
  Running: number,
  Starting: number,
  Lost: number,
  Unknown: optional(number),
});
/** `Failed` counts every failure since the job was registered, not those of now. */
export const jobSummary = fields({
  JobID: text,
  Namespace: text,
  Summary: maybe(map(groupSummary)),
  Children: maybe(fields({ Pending: number, Running: number, Dead: number })),
});

/** A row of the list. It has no version and no wanted count. */
export const jobStub = fields({
  ID: id,
  ParentID: text,
  Name: text,
  Namespace: text,
  Type: jobType,
  Status: jobStatus,
  Stop: flag,
  Periodic: flag,
  ParameterizedJob: flag,
  Datacenters: optional(texts),
  NodePool: optional(text),
  Priority: optional(number),
  JobSummary: maybe(jobSummary),
  SubmitTime: number,
  ...indexes,
  JobModifyIndex: number,
});

const statusOfAllocation = fields({
  ClientStatus: clientStatus,
  JobVersion: number,
  DeploymentStatus: fields({ Canary: flag, Healthy: maybe(flag) }),
});
/** With every allocation that is kept of the job. `GroupCountSum`: the counts of its groups together. */
export const jobStatuses = fields({
  ID: id,
  Namespace: text,
  Version: number,
  GroupCountSum: number,
  Allocs: maybe(list(statusOfAllocation)),
  /**
   * `AllAutoPromote`: false where somebody has to promote one group at least. `RequiresPromotion`: it has canaries that are
   * not promoted, ready or not.
   */
  LatestDeployment: maybe(
    fields({ IsActive: flag, JobVersion: number, Status: text, AllAutoPromote: flag, RequiresPromotion: flag }),
  ),
});

/** A change of a group's count, or a note of one: then `Count` is null. The last twenty are kept. */
const scalingEvent = fields({
  Time: number,
  Count: maybe(number),
  PreviousCount: number,
  Message: text,
  Error: flag,
  Meta: optional(maybe(map(anything))),
});
const groupScale = fields({
  Desired: number,
  Placed: number,
  Running: number,
  Healthy: number,
  Unhealthy: number,
  /** Newest first. */
  Events: optional(maybe(list(scalingEvent))),
});
export const scaleStatus = fields({ JobStopped: flag, TaskGroups: maybe(map(groupScale)) });
