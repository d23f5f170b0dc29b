import { counts, fields, type Infer, map, maybe, number, optional, text, texts } from "./schema.ts";

// What the scheduler says of its decisions, in evaluations, allocations and plans.

/** Why the scheduler placed or did not place. Each node is counted under its first failing reason only. */
export const metric = fields({
  NodesEvaluated: number,
  NodesFiltered: number,
  NodesInPool: optional(number),
  NodePool: optional(text),
  /** Ready, eligible nodes by datacenter, of the job's datacenters. */
  NodesAvailable: counts,
  ClassFiltered: counts,
  ConstraintFiltered: counts,
  NodesExhausted: number,
  ClassExhausted: counts,
  DimensionExhausted: counts,
  QuotaExhausted: texts,
  /** Summed over tasks and coalesced failures: what a task needs stands in the job. */
  ResourcesExhausted: maybe(map(fields({ CPU: number, MemoryMB: number }))),
  /** Further allocations of the group that failed alike. */
  CoalescedFailures: number,
});
export type AllocMetric = Infer<typeof metric>;

/** What an evaluation did, or would do, to a group (1.11 and later). */
export const desiredUpdates = fields({
  Ignore: number,
  Place: number,
  Migrate: number,
  Stop: number,
  InPlaceUpdate: number,
  DestructiveUpdate: number,
  Canary: number,
  Preemptions: number,
  RescheduleNow: optional(number),
  RescheduleLater: optional(number),
});
export type DesiredUpdates = Infer<typeof desiredUpdates>;
export const updates = maybe(map(desiredUpdates));
export const metrics = maybe(map(metric));
