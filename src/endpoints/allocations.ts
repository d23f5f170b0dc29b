import { endpoint, frames } from "./endpoint.ts";
import { execFrame } from "./exec.ts";
import { job, jobType } from "./job.ts";
import { metric } from "./metric.ts";
import { execInTask, may, readJob } from "./needs.ts";
import {
  fields,
  flag,
  type Infer,
  id,
  indexes,
  list as listOf,
  map,
  maybe,
  number,
  oneOf,
  optional,
  text,
  texts,
  times,
} from "./schema.ts";

const taskEvent = fields({ Type: text, Time: number, DisplayMessage: text, Details: maybe(map(text)) });
const taskState = fields({
  State: oneOf("pending", "running", "dead"),
  Failed: flag,
  Restarts: number,
  LastRestart: maybe(text),
  StartedAt: maybe(text),
  FinishedAt: maybe(text),
  /** The last ten, oldest first. */
  Events: maybe(listOf(taskEvent)),
});
const rescheduleTracker = fields({
  Events: maybe(listOf(fields({ RescheduleTime: number, PrevAllocID: text, PrevNodeID: text, Delay: number }))),
  LastReschedule: optional(text),
});
export const clientStatus = oneOf("pending", "running", "complete", "failed", "lost", "unknown");

const allocatedPort = fields({ Label: text, Value: number, To: number, HostIP: text });
const allocatedTask = fields({
  Cpu: fields({ CpuShares: number }),
  Memory: fields({ MemoryMB: number, MemoryMaxMB: number }),
  Devices: optional(maybe(listOf(fields({ Vendor: text, Type: text, Name: text, DeviceIDs: texts })))),
});
const allocatedResources = fields({
  Tasks: maybe(map(allocatedTask)),
  TaskLifecycles: optional(maybe(map(maybe(fields({ Hook: text, Sidecar: flag }))))),
  Shared: maybe(fields({ DiskMB: number, Ports: maybe(listOf(allocatedPort)) })),
});

/** A row of the list; `TaskStates` is null with `task_states=false`. */
export const allocationStub = fields({
  ID: id,
  EvalID: text,
  /** `job.group[index]` */
  Name: text,
  Namespace: text,
  NodeID: text,
  NodeName: text,
  JobID: text,
  JobType: jobType,
  JobVersion: number,
  TaskGroup: text,
  DesiredStatus: oneOf("run", "stop", "evict"),
  DesiredDescription: text,
  ClientStatus: clientStatus,
  ClientDescription: text,
  DeploymentStatus: maybe(fields({ Healthy: maybe(flag), Canary: flag, Timestamp: text })),
  /** What is to become of it, as a drain or a person asked; null fields were not asked for. */
  DesiredTransition: optional(
    maybe(fields({ Migrate: optional(maybe(flag)), MigrateDisablePlacement: optional(maybe(flag)) })),
  ),
  TaskStates: maybe(map(taskState)),
  FollowupEvalID: text,
  NextAllocation: text,
  PreemptedByAllocation: optional(text),
  RescheduleTracker: maybe(rescheduleTracker),
  /** Only with `resources=true`. */
  AllocatedResources: optional(maybe(allocatedResources)),
  ...indexes,
  ...times,
});

/** With its job as of its version, which may hold secrets, and what it was given. */
const allocation = fields({
  ...allocationStub.fields,
  Job: maybe(job),
  PreviousAllocation: text,
  DeploymentID: text,
  Metrics: maybe(metric),
  AllocatedResources: maybe(allocatedResources),
  NetworkStatus: optional(maybe(fields({ Address: text }))),
});

/** The last result of one of Nomad's own checks. `Output` is what the workload answered. */
const checkResult = fields({
  Check: text,
  Service: text,
  Mode: oneOf("healthiness", "readiness"),
  Status: oneOf("success", "failure", "pending"),
  Output: text,
  StatusCode: optional(number),
});

/** `Measured` names the figures that the driver gives; others are 0. Times in ns by the node's clock; 0 where there are none. */
const taskStats = fields({
  ResourceUsage: maybe(
    fields({
      CpuStats: maybe(fields({ TotalTicks: number, Measured: texts })),
      MemoryStats: maybe(fields({ Usage: number, RSS: number, MaxUsage: number, Measured: texts })),
    }),
  ),
  Timestamp: number,
});
/** Of an ended task the last figures stay; `Timestamp` is the latest of those that run. */
const allocationStats = fields({ Tasks: maybe(map(taskStats)), Timestamp: number });

/** One entry of a folder. `FileMode` as Go prints it: `-rw-r--r--`, `drwxrwxrwx`, `Lrwxrwxrwx` for a link, `Srw-rw-rw-` for a socket. */
const file = fields({ Name: text, Size: number, IsDir: flag, FileMode: text, ModTime: text });

/** `ContentType` is told by its first bytes: `application/octet-stream` where they are no text, and where there is none. */
const statedFile = fields({ ...file.fields, ContentType: optional(text) });

export type AllocationStub = Infer<typeof allocationStub>;
export type Allocation = Infer<typeof allocation>;
export type CheckResult = Infer<typeof checkResult>;
export type TaskStats = Infer<typeof taskStats>;
export type AllocationStats = Infer<typeof allocationStats>;
export type ClientStatus = Infer<typeof clientStatus>;
export type TaskEvent = Infer<typeof taskEvent>;
export type TaskState = Infer<typeof taskState>;
export type File = Infer<typeof file>;
export type StatedFile = Infer<typeof statedFile>;

const list = endpoint({
  method: "GET",
  path: "/v1/allocations",
  reply: listOf(allocationStub),
  needs: [readJob],
  reach: "namespaces by filter",
  pages: "by age",
});
const slim = { task_states: false };
/** Whose objects a route of one allocation touches. */
export const oneAllocation = { noun: "allocation", list, slim } as const;
const reach = oneAllocation;

export const allocations = {
  noun: "allocation" as const,
  context: "allocs",
  list,
  slim,
  get: endpoint({
    method: "GET",
    path: "/v1/allocation/:allocation_id",
    reply: allocation,
    needs: [readJob],
    reach,
  }),
  stop: endpoint({
    method: "PUT",
    path: "/v1/allocation/:allocation_id/stop",
    reply: fields({ EvalID: text }),
    needs: [may("alloc-lifecycle")],
    reach,
    shows: "alloc status :allocation_id",
  }),
  /** Its handler never looks at the method, so a GET would restart it, too. */
  restart: endpoint({
    method: "PUT",
    path: "/v1/client/allocation/:allocation_id/restart",
    reply: maybe(fields({ Index: number })),
    needs: [may("alloc-lifecycle")],
    reach,
    shows: "alloc status :allocation_id",
  }),
  /** A `Signal` that it does not know is sent as SIGINT; without a `Task` every task gets it. */
  signal: endpoint({
    method: "POST",
    path: "/v1/client/allocation/:allocation_id/signal",
    reply: maybe(fields({ Index: number })),
    needs: [may("alloc-lifecycle")],
    reach,
    shows: "alloc status :allocation_id",
  }),
  /** Runs a command in a task, over a websocket that answers a refusal with a close frame. */
  exec: endpoint({
    method: "GET",
    path: "/v1/client/allocation/:allocation_id/exec",
    acts: true,
    reply: frames(execFrame),
    needs: [execInTask],
    reach,
    shows: "alloc status :allocation_id",
  }),
  /** What it uses now, by task. */
  stats: endpoint({
    method: "GET",
    path: "/v1/client/allocation/:allocation_id/stats",
    reply: allocationStats,
    needs: [readJob],
    reach,
  }),
  /** By the id of the check; null where it has none. */
  checks: endpoint({
    method: "GET",
    path: "/v1/client/allocation/:allocation_id/checks",
    reply: maybe(map(checkResult)),
    needs: [readJob],
    reach,
    since: "1.4.0",
  }),
  /** The folder that the query names by `path`. */
  files: endpoint({
    method: "GET",
    path: "/v1/client/fs/ls/:allocation_id",
    reply: listOf(file),
    needs: [may("read-fs")],
    reach,
  }),
  /** What the query names by `path`; of a link, what it leads to. */
  stat: endpoint({
    method: "GET",
    path: "/v1/client/fs/stat/:allocation_id",
    reply: statedFile,
    needs: [may("read-fs")],
    reach,
  }),
  /** A part of a file, by `offset` and `limit` in bytes. A failure is a 200, too, with its words in place of the file. */
  readAt: endpoint({
    method: "GET",
    path: "/v1/client/fs/readat/:allocation_id",
    reply: "bytes",
    needs: [may("read-fs")],
    reach,
  }),
  logs: endpoint({
    method: "GET",
    path: "/v1/client/fs/logs/:allocation_id",
    reply: "bytes",
    needs: [may("read-logs")],
    reach,
  }),
};
