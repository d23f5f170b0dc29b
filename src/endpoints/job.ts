import {
  anything,
  fields,
  flag,
  type Infer,
  id,
  indexes,
  list,
  map,
  maybe,
  number,
  oneOf,
  optional,
  text,
  texts,
} from "./schema.ts";

// What a job is made of, wherever it comes: alone, in its versions, in an allocation.

export type JobType = "service" | "batch" | "system" | "sysbatch";
export const jobType = oneOf("service", "batch", "system", "sysbatch");
export const jobStatus = oneOf("pending", "running", "dead");

const constraint = fields({ LTarget: text, RTarget: text, Operand: text });
const constraints = optional(maybe(list(constraint)));
/** Nomad's diff of two jobs leaves these out. */
const spread = fields({
  Attribute: text,
  Weight: number,
  SpreadTarget: maybe(list(fields({ Value: text, Percent: number }))),
});
const spreads = optional(maybe(list(spread)));
const restart = fields({ Attempts: number, Interval: number, Delay: number, Mode: text });
const port = fields({ Label: text, Value: number, To: number });
const ports = optional(maybe(list(port)));
const network = fields({ Mode: text, DynamicPorts: ports, ReservedPorts: ports });
const networks = optional(maybe(list(network)));
/** What of a service is Consul's mesh. */
const connect = fields({
  SidecarService: optional(maybe(fields({ Proxy: optional(maybe(fields({ TransparentProxy: optional(anything) }))) }))),
  Gateway: optional(anything),
});
const consul = optional(maybe(fields({ Partition: text })));
/** `PortLabel`: where it is another one than the service's. `Path` and `Protocol`: of an HTTP check. */
const check = fields({
  Name: text,
  Type: text,
  PortLabel: optional(text),
  Path: optional(text),
  Protocol: optional(text),
});
const service = fields({
  Name: text,
  Provider: text,
  PortLabel: optional(text),
  Connect: optional(maybe(connect)),
  Checks: optional(maybe(list(check))),
});
const services = optional(maybe(list(service)));

const task = fields({
  Name: text,
  Driver: text,
  Config: optional(maybe(map(anything))),
  Constraints: constraints,
  Services: services,
  Lifecycle: optional(maybe(fields({ Hook: text, Sidecar: flag }))),
  /** That of its group where it has none of its own. */
  RestartPolicy: optional(maybe(restart)),
  Leader: optional(flag),
  KillSignal: optional(text),
  Vault: optional(maybe(fields({ Cluster: text, ChangeMode: text, ChangeSignal: text }))),
  Templates: optional(
    maybe(list(fields({ EmbeddedTmpl: text, ChangeMode: text, ChangeSignal: text, Splay: optional(number) }))),
  ),
  Secrets: optional(maybe(list(fields({ Name: text, Provider: text })))),
  Consul: consul,
  Schedule: optional(anything),
  LogConfig: optional(maybe(fields({ Disabled: flag }))),
  /** Commands that its author has given a name. */
  Actions: optional(maybe(list(fields({ Name: text, Command: text, Args: texts })))),
  Resources: maybe(
    fields({
      CPU: number,
      Cores: optional(number),
      MemoryMB: number,
      MemoryMaxMB: optional(number),
      DiskMB: optional(number),
      Devices: optional(maybe(list(fields({ Name: text, Count: number })))),
      NUMA: optional(maybe(fields({ Affinity: text }))),
      Networks: networks,
    }),
  ),
});

/** What a group asks of a volume. Empty modes are Nomad's defaults (scheduler/feasible, hostVolumeIsAvailable). */
const volumeRequest = fields({
  Name: text,
  Type: text,
  Source: text,
  ReadOnly: flag,
  PerAlloc: optional(flag),
  Sticky: optional(flag),
  AccessMode: optional(text),
  AttachmentMode: optional(text),
});

const group = fields({
  Name: text,
  Count: number,
  Tasks: maybe(list(task)),
  Constraints: constraints,
  Networks: networks,
  Services: services,
  Volumes: optional(maybe(map(volumeRequest))),
  Consul: consul,
  EphemeralDisk: optional(maybe(fields({ SizeMB: number }))),
  Spreads: spreads,
  RestartPolicy: maybe(restart),
  ReschedulePolicy: maybe(
    fields({
      Attempts: number,
      Interval: number,
      Delay: number,
      DelayFunction: text,
      MaxDelay: number,
      Unlimited: flag,
    }),
  ),
  Update: optional(
    maybe(
      fields({
        MaxParallel: number,
        AutoRevert: flag,
        Canary: number,
        MinHealthyTime: number,
        HealthCheck: optional(text),
        HealthyDeadline: optional(number),
      }),
    ),
  ),
  /** How it leaves a node that is drained; services alone have it. */
  Migrate: optional(maybe(fields({ MaxParallel: number }))),
  /** What happens while its node is disconnected; `Replace` is true where it is not said. */
  Disconnect: optional(maybe(fields({ LostAfter: number, Replace: maybe(flag) }))),
  Scaling: optional(maybe(fields({ Enabled: flag, Min: number, Max: number }))),
});

/** A job as it is, a version of it, or what a parser made of a job file. */
export const job = fields({
  ID: id,
  Name: text,
  Namespace: text,
  Type: jobType,
  Status: jobStatus,
  StatusDescription: text,
  Stop: flag,
  Version: number,
  VersionTag: optional(anything),
  ParentID: text,
  Datacenters: texts,
  NodePool: optional(text),
  Constraints: constraints,
  Spreads: spreads,
  Periodic: maybe(fields({ Enabled: flag, Spec: text, Specs: optional(texts), TimeZone: text, ProhibitOverlap: flag })),
  ParameterizedJob: maybe(fields({ Payload: text, MetaRequired: texts, MetaOptional: texts })),
  Dispatched: optional(flag),
  Priority: optional(number),
  /** Of a job that several regions deploy, each by itself (Nomad Enterprise). */
  Multiregion: optional(maybe(fields({ Regions: maybe(list(fields({ Name: text, Count: number }))) }))),
  TaskGroups: maybe(list(group)),
  SubmitTime: number,
  ...indexes,
  JobModifyIndex: number,
});

export type Job = Infer<typeof job>;
export type TaskGroup = Infer<typeof group>;
export type Task = Infer<typeof task>;
export type Service = Infer<typeof service>;
export type Constraint = Infer<typeof constraint>;
export type Spread = Infer<typeof spread>;
export type VolumeRequest = Infer<typeof volumeRequest>;
