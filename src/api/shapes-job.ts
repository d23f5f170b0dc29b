import type { ShapeOf } from "./shape.ts";
import { flag, indexes, list, map, maybe, number, text, texts } from "./shape-words.ts";
import type {
  Constraint,
  Job,
  JobChange,
  JobStub,
  JobSummary,
  Network,
  ScaleStatus,
  Service,
  Task,
  TaskGroup,
} from "./types.ts";

// The shapes of jobs in types.ts. What a type says may be null or missing stays so; everything else has its zero value then.

const constraints = maybe(list({ fields: { LTarget: text, RTarget: text, Operand: text } })) satisfies ShapeOf<
  Constraint[] | null
>;
const ports = maybe(list({ fields: { Label: text, Value: number, To: number } }));
export const networks = maybe(
  list({ fields: { Mode: text, DynamicPorts: ports, ReservedPorts: ports } }),
) satisfies ShapeOf<Network[] | null>;
const services = maybe(
  list({ fields: { Name: text, Provider: text, Checks: maybe(list({ fields: { Name: text, Type: text } })) } }),
) satisfies ShapeOf<Service[] | null>;

const task = {
  fields: {
    Name: text,
    Driver: text,
    Config: maybe(map("anything")),
    Constraints: constraints,
    Services: services,
    Lifecycle: maybe({ fields: { Hook: text, Sidecar: flag } }),
    Leader: maybe(flag),
    Templates: maybe(list({ fields: { EmbeddedTmpl: text } })),
    LogConfig: maybe({ fields: { Disabled: flag } }),
    Resources: maybe({
      fields: {
        CPU: number,
        Cores: maybe(number),
        MemoryMB: number,
        MemoryMaxMB: maybe(number),
        DiskMB: maybe(number),
        Devices: maybe(list({ fields: { Name: text, Count: number } })),
        Networks: networks,
      },
    }),
  },
} as const satisfies ShapeOf<Task>;

const group = {
  fields: {
    Name: text,
    Count: number,
    Tasks: maybe(list(task)),
    Constraints: constraints,
    Networks: networks,
    Services: services,
    Volumes: maybe(map({ fields: { Name: text, Type: text, Source: text, ReadOnly: flag } })),
    EphemeralDisk: maybe({ fields: { SizeMB: number } }),
    RestartPolicy: maybe({ fields: { Attempts: number, Interval: number, Delay: number, Mode: text } }),
    ReschedulePolicy: maybe({
      fields: {
        Attempts: number,
        Interval: number,
        Delay: number,
        DelayFunction: text,
        MaxDelay: number,
        Unlimited: flag,
      },
    }),
    Update: maybe({
      fields: {
        MaxParallel: number,
        AutoRevert: flag,
        Canary: number,
        MinHealthyTime: number,
        HealthCheck: maybe(text),
      },
    }),
    Disconnect: maybe({ fields: { LostAfter: number, Replace: maybe(flag) } }),
    Scaling: maybe({ fields: { Enabled: flag, Min: number, Max: number } }),
  },
} as const satisfies ShapeOf<TaskGroup>;

export const job = {
  fields: {
    ID: "id",
    Name: text,
    Namespace: text,
    Type: text,
    Status: text,
    StatusDescription: text,
    Stop: flag,
    Version: number,
    VersionTag: "anything",
    ParentID: text,
    Datacenters: texts,
    NodePool: maybe(text),
    Constraints: constraints,
    Periodic: maybe({ fields: { Enabled: flag, Spec: text, Specs: texts, TimeZone: text, ProhibitOverlap: flag } }),
    ParameterizedJob: maybe({ fields: { Payload: text, MetaRequired: texts, MetaOptional: texts } }),
    Dispatched: maybe(flag),
    TaskGroups: maybe(list(group)),
    SubmitTime: number,
    ...indexes,
    JobModifyIndex: number,
  },
} as const satisfies ShapeOf<Job>;

export const jobSummary = {
  fields: {
    JobID: text,
    Namespace: text,
    Summary: maybe(
      map({
        fields: {
          Queued: number,
          Complete: number,
          Failed: number,
          Running: number,
          Starting: number,
          Lost: number,
          Unknown: maybe(number),
        },
      }),
    ),
    Children: maybe({ fields: { Pending: number, Running: number, Dead: number } }),
  },
} as const satisfies ShapeOf<JobSummary>;

export const jobStub = {
  fields: {
    ID: "id",
    ParentID: text,
    Name: text,
    Namespace: text,
    Type: text,
    Status: text,
    Stop: flag,
    Periodic: flag,
    ParameterizedJob: flag,
    Datacenters: texts,
    NodePool: maybe(text),
    JobSummary: maybe(jobSummary),
    SubmitTime: number,
    ...indexes,
    JobModifyIndex: number,
  },
} as const satisfies ShapeOf<JobStub>;

export const scaleStatus = {
  fields: {
    JobStopped: flag,
    TaskGroups: maybe(
      map({ fields: { Desired: number, Placed: number, Running: number, Healthy: number, Unhealthy: number } }),
    ),
  },
} as const satisfies ShapeOf<ScaleStatus>;

export const jobChange = {
  fields: { EvalID: text, EvalCreateIndex: number, JobModifyIndex: number, Warnings: maybe(text) },
} as const satisfies ShapeOf<JobChange>;
