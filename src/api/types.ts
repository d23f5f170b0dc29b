export type {
  Allocation,
  AllocationStub,
  ClientStatus,
  TaskEvent,
  TaskState,
} from "../endpoints/allocations.ts";
export type { Deployment } from "../endpoints/deployments.ts";
export type { Evaluation } from "../endpoints/evaluations.ts";
export type { Job, JobType, Service, Task, TaskGroup } from "../endpoints/job.ts";
export type {
  GroupSummary,
  JobChange,
  JobDispatch,
  JobStatuses,
  JobStub,
  JobSummary,
  ScaleStatus,
} from "../endpoints/jobs.ts";
export type { AllocMetric, DesiredUpdates } from "../endpoints/metric.ts";
export type { Node, NodeStub } from "../endpoints/nodes.ts";
