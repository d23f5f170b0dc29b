import * as z from "zod";
import type { JobSpec } from "./job-json.ts";

/**
 * A job as its file has it, for reading. What is not set is undefined, empty where it is a text, a list or a map, and
 * Nomad's default in the few places where nobody asks whether it was set. Durations are nanoseconds.
 */
export type TypedJob = z.output<typeof job>;
export type TypedGroup = TypedJob["TaskGroups"][number];
export type TypedTask = TypedGroup["Tasks"][number];
export type TypedService = TypedGroup["Services"][number];

/** Nomad's parser, or ours for JSON, has checked the types: what does not fit here is null, which is not set. */
export function typedJob(spec: JobSpec): TypedJob {
  return job.parse(spec);
}

const text = z.string().catch("");
const flag = z.boolean().catch(false);
const count = z.number().optional().catch(undefined);
const list = <T extends z.ZodType>(of: T) => z.array(of).catch([]);
const map = <T extends z.ZodType>(of: T) => z.record(z.string(), of).catch({});
const block = <T extends z.ZodRawShape>(shape: T) => z.object(shape).optional().catch(undefined);

const constraint = z.object({ LTarget: text, RTarget: text, Operand: text });
const spreads = list(
  z.object({
    Attribute: text,
    // Nomad's default (api/tasks.go, Spread.Canonicalize).
    Weight: z.number().catch(50),
    SpreadTarget: list(z.object({ Value: text, Percent: z.number().catch(0) })),
  }),
);
const update = block({
  MaxParallel: count,
  HealthCheck: text,
  MinHealthyTime: count,
  HealthyDeadline: count,
  ProgressDeadline: count,
  Canary: count,
  AutoRevert: z.boolean().optional().catch(undefined),
  AutoPromote: z.boolean().optional().catch(undefined),
});
const restart = block({ Attempts: count, Interval: count, Delay: count, Mode: text });
const reschedule = block({ Attempts: count, Interval: count, Unlimited: z.boolean().optional().catch(undefined) });

const service = z.object({
  Name: text,
  Provider: text,
  PortLabel: text,
  TaskName: text,
  Connect: z
    .looseObject({
      SidecarService: z
        .looseObject({ Proxy: z.looseObject({ TransparentProxy: z.unknown().optional() }).nullish().catch(undefined) })
        .nullish()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
  Checks: list(z.object({ Name: text, Type: text, Interval: count, Timeout: count })),
});

const task = z.object({
  Name: text,
  Driver: text,
  User: text,
  Config: map(z.unknown()),
  Env: map(z.string().catch("")),
  Constraints: list(constraint),
  Services: list(service),
  Lifecycle: block({ Hook: text, Sidecar: flag }),
  Leader: flag,
  KillTimeout: count,
  KillSignal: text,
  ShutdownDelay: count,
  RestartPolicy: restart,
  Vault: block({ ChangeMode: text, ChangeSignal: text }),
  Secrets: list(z.object({ Name: text, Provider: text })),
  Consul: block({ Partition: text }),
  Schedule: z.unknown().optional(),
  Artifacts: list(z.object({ GetterSource: text, GetterOptions: map(z.string().catch("")), GetterInsecure: flag })),
  Templates: list(
    z.object({
      DestPath: text,
      EmbeddedTmpl: text,
      SourcePath: text,
      ChangeMode: text,
      ChangeSignal: text,
      Splay: count,
      Envvars: flag,
      Once: flag,
    }),
  ),
  VolumeMounts: list(z.object({ Volume: text, Destination: text })),
  Resources: block({
    CPU: count,
    Cores: count,
    MemoryMB: count,
    MemoryMaxMB: count,
    Devices: list(z.object({ Name: text, Count: z.number().catch(1) })),
    NUMA: block({ Affinity: text }),
  }),
});

const group = z.object({
  Name: text,
  Count: count,
  Constraints: list(constraint),
  Spreads: spreads,
  Networks: list(
    z.object({
      Mode: text,
      DynamicPorts: list(z.object({ Label: text })),
      ReservedPorts: list(z.object({ Label: text, Value: z.number().catch(0) })),
    }),
  ),
  Services: list(service),
  Volumes: map(
    z.object({
      Name: text,
      Type: text,
      Source: text,
      ReadOnly: flag,
      PerAlloc: flag,
      Sticky: flag,
      AccessMode: text,
      AttachmentMode: text,
    }),
  ),
  Consul: block({ Partition: text }),
  EphemeralDisk: z
    .object({ SizeMB: z.number().catch(300), Sticky: flag, Migrate: flag })
    .optional()
    .catch(undefined),
  RestartPolicy: restart,
  ReschedulePolicy: reschedule,
  Update: update,
  ShutdownDelay: count,
  Disconnect: z.looseObject({}).optional().catch(undefined),
  Scaling: block({ Enabled: z.boolean().optional().catch(undefined), Min: count, Max: count }),
  Tasks: list(task),
});

const job = z.object({
  ID: text,
  Type: z.enum(["service", "batch", "system", "sysbatch"]).catch("service"),
  Priority: z.number().catch(50),
  Datacenters: list(z.string()),
  NodePool: text,
  Constraints: list(constraint),
  Spreads: spreads,
  Update: update,
  Reschedule: reschedule,
  Periodic: block({
    Enabled: z.boolean().catch(true),
    Spec: text,
    Specs: list(z.string()),
    ProhibitOverlap: flag,
    TimeZone: text,
  }),
  ParameterizedJob: z.looseObject({}).optional().catch(undefined),
  TaskGroups: list(group),
});
