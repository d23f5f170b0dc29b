/**
 * The slices of Nomad's objects that we read, as its HTTP API sends them (nomad/structs, api/). Names are Nomad's.
 * Times ending in `Time` are nanoseconds since the epoch, `...At` and `...By` are Go times as text, durations are
 * nanoseconds, CPU is MHz, memory and disk are MB. Go sends null for an empty list or map wherever the type says so, and
 * leaves out fields that its version does not know.
 */

export type JobType = "service" | "batch" | "system" | "sysbatch";

/** `GET /v1/job/:id`, a version of it, or what a parser made of a job file. */
export interface Job {
  ID: string;
  Name: string;
  Namespace: string;
  Type: JobType;
  Status: "pending" | "running" | "dead";
  StatusDescription: string;
  Stop: boolean;
  Version: number;
  VersionTag?: unknown;
  ParentID: string;
  Datacenters: string[] | null;
  NodePool?: string;
  Constraints?: Constraint[] | null;
  Periodic: {
    Enabled: boolean;
    Spec: string;
    Specs?: string[] | null;
    TimeZone: string;
    ProhibitOverlap: boolean;
  } | null;
  ParameterizedJob: { Payload: string; MetaRequired: string[] | null; MetaOptional: string[] | null } | null;
  Dispatched?: boolean;
  TaskGroups: TaskGroup[] | null;
  SubmitTime: number;
  CreateIndex: number;
  ModifyIndex: number;
  JobModifyIndex: number;
}

export interface Constraint {
  LTarget: string;
  RTarget: string;
  Operand: string;
}

export interface TaskGroup {
  Name: string;
  Count: number;
  Tasks: Task[] | null;
  Constraints?: Constraint[] | null;
  Networks?: Network[] | null;
  Services?: Service[] | null;
  Volumes?: Record<string, { Name: string; Type: string; Source: string; ReadOnly: boolean }> | null;
  EphemeralDisk?: { SizeMB: number } | null;
  RestartPolicy: { Attempts: number; Interval: number; Delay: number; Mode: string } | null;
  ReschedulePolicy: {
    Attempts: number;
    Interval: number;
    Delay: number;
    DelayFunction: string;
    MaxDelay: number;
    Unlimited: boolean;
  } | null;
  Update?: {
    MaxParallel: number;
    AutoRevert: boolean;
    Canary: number;
    MinHealthyTime: number;
    HealthCheck?: string;
  } | null;
  /** What happens while its node is disconnected; `Replace` is true where it is not said. */
  Disconnect?: { LostAfter: number; Replace: boolean | null } | null;
  Scaling?: { Enabled: boolean; Min: number; Max: number } | null;
}

export interface Task {
  Name: string;
  Driver: string;
  Config?: Record<string, unknown> | null;
  Constraints?: Constraint[] | null;
  Services?: Service[] | null;
  Lifecycle?: { Hook: string; Sidecar: boolean } | null;
  Leader?: boolean;
  Templates?: { EmbeddedTmpl: string }[] | null;
  LogConfig?: { Disabled: boolean } | null;
  Resources: {
    CPU: number;
    Cores?: number;
    MemoryMB: number;
    MemoryMaxMB?: number;
    DiskMB?: number;
    Devices?: { Name: string; Count: number }[] | null;
    Networks?: Network[] | null;
  } | null;
}

export interface Network {
  Mode: string;
  DynamicPorts?: Port[] | null;
  ReservedPorts?: Port[] | null;
}

export interface Port {
  Label: string;
  Value: number;
  To: number;
}

export interface Service {
  Name: string;
  Provider: string;
  Checks?: { Name: string; Type: string }[] | null;
}

/** One row of `GET /v1/jobs`. It has no version and no wanted count. */
export interface JobStub {
  ID: string;
  ParentID: string;
  Name: string;
  Namespace: string;
  Type: JobType;
  Status: "pending" | "running" | "dead";
  Stop: boolean;
  Periodic: boolean;
  ParameterizedJob: boolean;
  Datacenters?: string[] | null;
  NodePool?: string;
  JobSummary: JobSummary | null;
  SubmitTime: number;
  CreateIndex: number;
  ModifyIndex: number;
  JobModifyIndex: number;
}

/** `GET /v1/job/:id/summary`. `Failed` counts every failure since the job was registered, not those of now. */
export interface JobSummary {
  JobID: string;
  Namespace: string;
  Summary: Record<string, GroupSummary> | null;
  Children: { Pending: number; Running: number; Dead: number } | null;
}

export interface GroupSummary {
  Queued: number;
  Complete: number;
  Failed: number;
  Running: number;
  Starting: number;
  Lost: number;
  Unknown?: number;
}

/** `GET /v1/job/:id/scale`. Terminal allocations and canaries are not counted. */
export interface ScaleStatus {
  JobStopped: boolean;
  TaskGroups: Record<
    string,
    { Desired: number; Placed: number; Running: number; Healthy: number; Unhealthy: number }
  > | null;
}

export type ClientStatus = "pending" | "running" | "complete" | "failed" | "lost" | "unknown";

/** One row of `GET /v1/allocations`; `TaskStates` is null with `task_states=false`. */
export interface AllocationStub {
  ID: string;
  EvalID: string;
  /** `job.group[index]` */
  Name: string;
  Namespace: string;
  NodeID: string;
  NodeName: string;
  JobID: string;
  JobType: JobType;
  JobVersion: number;
  TaskGroup: string;
  DesiredStatus: "run" | "stop" | "evict";
  DesiredDescription: string;
  ClientStatus: ClientStatus;
  ClientDescription: string;
  DeploymentStatus: { Healthy: boolean | null; Canary: boolean; Timestamp: string } | null;
  /** What is to become of it, as a drain or a person asked; null fields were not asked for. */
  DesiredTransition?: { MigrateDisablePlacement?: boolean | null } | null;
  TaskStates: Record<string, TaskState> | null;
  FollowupEvalID: string;
  NextAllocation: string;
  PreemptedByAllocation?: string;
  RescheduleTracker: RescheduleTracker | null;
  CreateIndex: number;
  ModifyIndex: number;
  CreateTime: number;
  ModifyTime: number;
}

/** `GET /v1/allocation/:id`: with its job as of its version, which may hold secrets, and what it was given. */
export interface Allocation extends AllocationStub {
  Job: Job | null;
  PreviousAllocation: string;
  DeploymentID: string;
  Metrics: AllocMetric | null;
  AllocatedResources: {
    Tasks: Record<
      string,
      { Cpu: { CpuShares: number }; Memory: { MemoryMB: number; MemoryMaxMB: number }; Networks?: Network[] | null }
    > | null;
    Shared: { DiskMB: number; Ports: AllocatedPort[] | null; Networks?: Network[] | null } | null;
  } | null;
  NetworkStatus?: { Address: string } | null;
}

export interface AllocatedPort {
  Label: string;
  Value: number;
  To: number;
  HostIP: string;
}

export interface RescheduleTracker {
  Events: { RescheduleTime: number; PrevAllocID: string; PrevNodeID: string; Delay: number }[] | null;
  LastReschedule?: string;
}

export interface TaskState {
  State: "pending" | "running" | "dead";
  Failed: boolean;
  Restarts: number;
  LastRestart: string | null;
  StartedAt: string | null;
  FinishedAt: string | null;
  /** The last ten, oldest first. */
  Events: TaskEvent[] | null;
}

export interface TaskEvent {
  Type: string;
  Time: number;
  DisplayMessage: string;
  Details: Record<string, string> | null;
}

/** Why the scheduler placed or did not place. Each node is counted under its first failing reason only. */
export interface AllocMetric {
  NodesEvaluated: number;
  NodesFiltered: number;
  NodesInPool?: number;
  NodePool?: string;
  /** Ready, eligible nodes by datacenter, of the job's datacenters. */
  NodesAvailable: Record<string, number> | null;
  ClassFiltered: Record<string, number> | null;
  ConstraintFiltered: Record<string, number> | null;
  NodesExhausted: number;
  ClassExhausted: Record<string, number> | null;
  DimensionExhausted: Record<string, number> | null;
  QuotaExhausted: string[] | null;
  /** Summed over tasks and coalesced failures: what a task needs stands in the job. */
  ResourcesExhausted: Record<string, { CPU: number; MemoryMB: number }> | null;
  /** Further allocations of the group that failed alike. */
  CoalescedFailures: number;
}

/** `GET /v1/evaluation/:id`. Fields that Go leaves out when they are empty are optional. */
export interface Evaluation {
  ID: string;
  Namespace: string;
  JobID: string;
  Type: string;
  TriggeredBy: string;
  Status: "blocked" | "pending" | "complete" | "failed" | "canceled";
  StatusDescription?: string;
  NodeID?: string;
  DeploymentID?: string;
  PreviousEval?: string;
  NextEval?: string;
  BlockedEval?: string;
  WaitUntil?: string | null;
  FailedTGAllocs?: Record<string, AllocMetric> | null;
  QueuedAllocations?: Record<string, number> | null;
  PlanAnnotations?: { DesiredTGUpdates: Record<string, DesiredUpdates> | null } | null;
  QuotaLimitReached?: string;
  CreateIndex: number;
  ModifyIndex: number;
  CreateTime: number;
  ModifyTime: number;
}

/** What an evaluation did, per group (1.11 and later). */
export interface DesiredUpdates {
  Ignore: number;
  Place: number;
  Migrate: number;
  Stop: number;
  InPlaceUpdate: number;
  DestructiveUpdate: number;
  Canary: number;
  Preemptions: number;
  RescheduleNow?: number;
  RescheduleLater?: number;
}

export type DeploymentStatus =
  | "initializing"
  | "pending"
  | "running"
  | "paused"
  | "blocked"
  | "unblocking"
  | "successful"
  | "failed"
  | "cancelled";

/** Its counters are cumulative: replaced allocations stay in them. */
export interface Deployment {
  ID: string;
  Namespace: string;
  JobID: string;
  JobVersion: number;
  /** The `JobModifyIndex` of the version that it deploys. */
  JobSpecModifyIndex?: number;
  JobCreateIndex: number;
  Status: DeploymentStatus;
  StatusDescription: string;
  TaskGroups: Record<string, DeploymentGroup> | null;
  CreateIndex: number;
  ModifyIndex: number;
  CreateTime: number;
  ModifyTime: number;
}

export interface DeploymentGroup {
  AutoRevert: boolean;
  AutoPromote: boolean;
  Promoted: boolean;
  PlacedCanaries: string[] | null;
  DesiredCanaries: number;
  DesiredTotal: number;
  PlacedAllocs: number;
  HealthyAllocs: number;
  UnhealthyAllocs: number;
  ProgressDeadline: number;
  RequireProgressBy: string | null;
}

/** One row of `GET /v1/nodes`. */
export interface NodeStub {
  ID: string;
  Name: string;
  Address: string;
  Datacenter: string;
  NodePool?: string;
  NodeClass: string;
  Status: "initializing" | "ready" | "down" | "disconnected";
  SchedulingEligibility: "eligible" | "ineligible";
  Drain: boolean;
  LastDrain?: { Status: "draining" | "complete" | "canceled"; StartedAt: string; UpdatedAt: string } | null;
  Drivers: Record<string, { Detected: boolean; Healthy: boolean; HealthDescription: string }> | null;
  /** Only with `resources=true`. */
  NodeResources?: { Cpu: { CpuShares: number }; Memory: { MemoryMB: number } } | null;
}

/** `GET /v1/node/:id`. */
export interface Node extends NodeStub {
  StatusDescription: string;
  /** Seconds since the epoch. */
  StatusUpdatedAt: number;
  Attributes: Record<string, string> | null;
  NodeResources?: { Cpu: { CpuShares: number }; Memory: { MemoryMB: number }; Disk?: { DiskMB: number } } | null;
  Events: { Message: string; Subsystem: string; Timestamp: string }[] | null;
}

/** What `POST /v1/job/:id/dispatch` answers: the child it made. */
export interface JobDispatch {
  DispatchedJobID: string;
  /** Empty for a job that is periodic as well. */
  EvalID: string;
}

/** What a change of a job answers. `EvalID` is empty for periodic and parameterized jobs. */
export interface JobChange {
  EvalID: string;
  EvalCreateIndex: number;
  JobModifyIndex: number;
  Warnings?: string;
}
