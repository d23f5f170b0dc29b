import type { Job, Network, Port, Resources } from "./job-types.ts";

/** What the servers keep about jobs, evaluations, allocations and nodes, in the spelling of its JSON. Times are ns. */
export interface GroupSummary {
  Queued: number;
  Complete: number;
  Failed: number;
  Running: number;
  Starting: number;
  Lost: number;
  Unknown: number;
}

/** How many allocations of a job are in which state. */
export interface JobSummary {
  JobID: string;
  Namespace: string;
  Summary: Record<string, GroupSummary>;
  Children: { Pending: number; Running: number; Dead: number };
  CreateIndex: number;
  ModifyIndex: number;
}

/** One line of a task's history. */
export interface TaskEvent {
  Type: string;
  Time: number;
  DisplayMessage: string;
  Details: Record<string, string>;
  FailsTask: boolean;
  [deprecated: string]: unknown;
}

/** How a task is. */
export interface TaskState {
  State: "pending" | "running" | "dead";
  Failed: boolean;
  Restarts: number;
  LastRestart: string | null;
  StartedAt: string | null;
  FinishedAt: string | null;
  Paused: string;
  Events: TaskEvent[];
}

/** One reschedule in the chain before an allocation. */
export interface RescheduleEvent {
  RescheduleTime: number;
  PrevAllocID: string;
  PrevNodeID: string;
  Delay: number;
}

/** How the search for a place went. */
export interface Metric {
  NodesEvaluated: number;
  NodesFiltered: number;
  NodesInPool: number;
  NodePool: string;
  NodesAvailable: Record<string, number> | null;
  ClassFiltered: Record<string, number> | null;
  ConstraintFiltered: Record<string, number> | null;
  NodesExhausted: number;
  ClassExhausted: Record<string, number> | null;
  DimensionExhausted: Record<string, number> | null;
  QuotaExhausted: string[] | null;
  ResourcesExhausted: Record<string, Resources> | null;
  Scores: Record<string, number> | null;
  ScoreMetaData: { NodeID: string; Scores: Record<string, number>; NormScore: number }[] | null;
  AllocationTime: number;
  CoalescedFailures: number;
}

/** What an allocation was given. */
export interface AllocatedResources {
  Tasks: Record<
    string,
    {
      Cpu: { CpuShares: number; ReservedCores: null };
      Memory: { MemoryMB: number; MemoryMaxMB: number };
      Networks: null;
      Devices: null;
    }
  >;
  TaskLifecycles: Record<string, { Hook: string; Sidecar: boolean } | null>;
  Shared: { DiskMB: number; Networks: Network[] | null; Ports: Port[] | null };
}

/** What an allocation was asked for. */
export interface DesiredTransition {
  Migrate: boolean | null;
  Reschedule: boolean | null;
  ForceReschedule: boolean | null;
  NoShutdownDelay: boolean | null;
  MigrateDisablePlacement: boolean | null;
}

/** Whether an allocation is healthy. */
export interface DeploymentStatus {
  Healthy: boolean | null;
  Timestamp: string | null;
  Canary: boolean;
  ModifyIndex: number;
}

/** A group of a job on a node. */
export interface Allocation {
  ID: string;
  Namespace: string;
  EvalID: string;
  Name: string;
  NodeID: string;
  NodeName: string;
  JobID: string;
  Job: Job;
  TaskGroup: string;
  AllocatedResources: AllocatedResources;
  Metrics: Metric;
  DesiredStatus: "run" | "stop" | "evict";
  DesiredDescription: string;
  DesiredTransition: DesiredTransition;
  ClientStatus: "pending" | "running" | "complete" | "failed" | "lost" | "unknown";
  ClientDescription: string;
  TaskStates: Record<string, TaskState> | null;
  PreviousAllocation: string;
  NextAllocation: string;
  DeploymentID: string;
  DeploymentStatus: DeploymentStatus | null;
  RescheduleTracker: { Events: RescheduleEvent[] | null; LastReschedule: string } | null;
  NetworkStatus: Record<string, unknown> | null;
  FollowupEvalID: string;
  PreemptedAllocations: null;
  PreemptedByAllocation: string;
  SigningKeyID: string;
  CreateIndex: number;
  ModifyIndex: number;
  AllocModifyIndex: number;
  CreateTime: number;
  ModifyTime: number;
}

/** What an evaluation does to a group. */
export interface DesiredUpdates {
  Ignore: number;
  Place: number;
  Migrate: number;
  Stop: number;
  InPlaceUpdate: number;
  DestructiveUpdate: number;
  Canary: number;
  Preemptions: number;
  Disconnect: number;
  Reconnect: number;
  RescheduleNow: number;
  RescheduleLater: number;
}

/** What an evaluation does. */
export interface PlanAnnotations {
  DesiredTGUpdates: Record<string, DesiredUpdates>;
  PreemptedAllocs: null;
}

/** One look of the scheduler at a job. */
export interface Evaluation {
  ID: string;
  Namespace: string;
  Priority: number;
  Type: string;
  TriggeredBy: string;
  JobID: string;
  JobModifyIndex: number;
  NodeID: string;
  NodeModifyIndex: number;
  DeploymentID: string;
  Status: "pending" | "complete" | "blocked" | "canceled" | "failed";
  StatusDescription: string;
  WaitUntil: string | null;
  NextEval: string;
  PreviousEval: string;
  BlockedEval: string;
  FailedTGAllocs: Record<string, Metric> | null;
  PlanAnnotations: PlanAnnotations | null;
  ClassEligibility: Record<string, boolean> | null;
  EscapedComputedClass: boolean;
  AnnotatePlan: boolean;
  QueuedAllocations: Record<string, number> | null;
  SnapshotIndex: number;
  CreateIndex: number;
  ModifyIndex: number;
  CreateTime: number;
  ModifyTime: number;
}

/** How far a deployment is with one group. */
export interface DeploymentGroup {
  AutoRevert: boolean;
  AutoPromote: boolean;
  ProgressDeadline: number;
  RequireProgressBy: string | null;
  Promoted: boolean;
  PlacedCanaries: string[] | null;
  DesiredCanaries: number;
  DesiredTotal: number;
  PlacedAllocs: number;
  HealthyAllocs: number;
  UnhealthyAllocs: number;
}

/** The roll-out of a version. */
export interface Deployment {
  ID: string;
  Namespace: string;
  JobID: string;
  JobVersion: number;
  JobModifyIndex: number;
  JobSpecModifyIndex: number;
  JobCreateIndex: number;
  IsMultiregion: boolean;
  TaskGroups: Record<string, DeploymentGroup>;
  Status: "running" | "paused" | "successful" | "failed" | "cancelled";
  StatusDescription: string;
  EvalPriority: number;
  CreateIndex: number;
  ModifyIndex: number;
  CreateTime: number;
  ModifyTime: number;
}

/** How the scheduler works, as an operator sets it. */
export interface SchedulerConfiguration {
  SchedulerAlgorithm: string;
  PreemptionConfig: {
    SystemSchedulerEnabled: boolean;
    SysBatchSchedulerEnabled: boolean;
    BatchSchedulerEnabled: boolean;
    ServiceSchedulerEnabled: boolean;
  };
  MemoryOversubscriptionEnabled: boolean;
  RejectJobRegistration: boolean;
  /** Evaluations are kept and not worked on. */
  PauseEvalBroker: boolean;
  NodeLimitForFeasibilityChecks: number;
  CreateIndex: number;
  ModifyIndex: number;
}
