import type { ShapeOf } from "./shape.ts";
import { counts, flag, indexes, list, map, maybe, number, text, texts, times } from "./shape-words.ts";
import { job, networks } from "./shapes-job.ts";
import type {
  Allocation,
  AllocationStub,
  AllocMetric,
  Deployment,
  DesiredUpdates,
  Evaluation,
  NodeStub,
  TaskState,
} from "./types.ts";

// The shapes in types.ts of what becomes of jobs, and of nodes. What a type says may be null or missing stays so; everything else has its zero value then.

const taskState = {
  fields: {
    State: text,
    Failed: flag,
    Restarts: number,
    LastRestart: maybe(text),
    StartedAt: maybe(text),
    FinishedAt: maybe(text),
    Events: maybe(list({ fields: { Type: text, Time: number, DisplayMessage: text, Details: maybe(map(text)) } })),
  },
} as const satisfies ShapeOf<TaskState>;

export const allocationStub = {
  fields: {
    ID: "id",
    EvalID: text,
    Name: text,
    Namespace: text,
    NodeID: text,
    NodeName: text,
    JobID: text,
    JobType: text,
    JobVersion: number,
    TaskGroup: text,
    DesiredStatus: text,
    DesiredDescription: text,
    ClientStatus: text,
    ClientDescription: text,
    DeploymentStatus: maybe({ fields: { Healthy: maybe(flag), Canary: flag, Timestamp: text } }),
    DesiredTransition: maybe({ fields: { MigrateDisablePlacement: maybe(flag) } }),
    TaskStates: maybe(map(taskState)),
    FollowupEvalID: text,
    NextAllocation: text,
    PreemptedByAllocation: maybe(text),
    RescheduleTracker: maybe({
      fields: {
        Events: maybe(list({ fields: { RescheduleTime: number, PrevAllocID: text, PrevNodeID: text, Delay: number } })),
        LastReschedule: maybe(text),
      },
    }),
    ...indexes,
    ...times,
  },
} as const satisfies ShapeOf<AllocationStub>;

export const metric = {
  fields: {
    NodesEvaluated: number,
    NodesFiltered: number,
    NodesInPool: maybe(number),
    NodePool: maybe(text),
    NodesAvailable: counts,
    ClassFiltered: counts,
    ConstraintFiltered: counts,
    NodesExhausted: number,
    ClassExhausted: counts,
    DimensionExhausted: counts,
    QuotaExhausted: texts,
    ResourcesExhausted: maybe(map({ fields: { CPU: number, MemoryMB: number } })),
    CoalescedFailures: number,
  },
} as const satisfies ShapeOf<AllocMetric>;

export const allocation = {
  fields: {
    ...allocationStub.fields,
    Job: maybe(job),
    PreviousAllocation: text,
    DeploymentID: text,
    Metrics: maybe(metric),
    AllocatedResources: maybe({
      fields: {
        Tasks: maybe(
          map({
            fields: {
              Cpu: { fields: { CpuShares: number } },
              Memory: { fields: { MemoryMB: number, MemoryMaxMB: number } },
              Networks: networks,
            },
          }),
        ),
        Shared: maybe({
          fields: {
            DiskMB: number,
            Ports: maybe(list({ fields: { Label: text, Value: number, To: number, HostIP: text } })),
            Networks: networks,
          },
        }),
      },
    }),
    NetworkStatus: maybe({ fields: { Address: text } }),
  },
} as const satisfies ShapeOf<Allocation>;

export const desiredUpdates = {
  fields: {
    Ignore: number,
    Place: number,
    Migrate: number,
    Stop: number,
    InPlaceUpdate: number,
    DestructiveUpdate: number,
    Canary: number,
    Preemptions: number,
    RescheduleNow: maybe(number),
    RescheduleLater: maybe(number),
  },
} as const satisfies ShapeOf<DesiredUpdates>;

export const evaluation = {
  fields: {
    ID: "id",
    Namespace: text,
    JobID: text,
    Type: text,
    TriggeredBy: text,
    Status: text,
    StatusDescription: maybe(text),
    NodeID: maybe(text),
    DeploymentID: maybe(text),
    PreviousEval: maybe(text),
    NextEval: maybe(text),
    BlockedEval: maybe(text),
    WaitUntil: maybe(text),
    FailedTGAllocs: maybe(map(metric)),
    QueuedAllocations: counts,
    PlanAnnotations: maybe({
      fields: {
        DesiredTGUpdates: maybe(map(desiredUpdates)),
      },
    }),
    QuotaLimitReached: maybe(text),
    ...indexes,
    ...times,
  },
} as const satisfies ShapeOf<Evaluation>;

export const deployment = {
  fields: {
    ID: "id",
    Namespace: text,
    JobID: text,
    JobVersion: number,
    JobCreateIndex: number,
    JobSpecModifyIndex: maybe(number),
    Status: text,
    StatusDescription: text,
    TaskGroups: maybe(
      map({
        fields: {
          AutoRevert: flag,
          AutoPromote: flag,
          Promoted: flag,
          PlacedCanaries: texts,
          DesiredCanaries: number,
          DesiredTotal: number,
          PlacedAllocs: number,
          HealthyAllocs: number,
          UnhealthyAllocs: number,
          ProgressDeadline: number,
          RequireProgressBy: maybe(text),
        },
      }),
    ),
    ...indexes,
    ...times,
  },
} as const satisfies ShapeOf<Deployment>;

export const nodeStub = {
  fields: {
    ID: "id",
    Name: text,
    Address: text,
    Datacenter: text,
    NodePool: maybe(text),
    NodeClass: text,
    Status: text,
    SchedulingEligibility: text,
    Drain: flag,
    LastDrain: maybe({ fields: { Status: text, StartedAt: text, UpdatedAt: text } }),
    Drivers: maybe(map({ fields: { Detected: flag, Healthy: flag, HealthDescription: text } })),
    NodeResources: maybe({
      fields: { Cpu: { fields: { CpuShares: number } }, Memory: { fields: { MemoryMB: number } } },
    }),
  },
} as const satisfies ShapeOf<NodeStub>;
