import { isDeepStrictEqual } from "node:util";
import type { JobSpec } from "../file/job-json.ts";

/**
 * What Nomad fills in where a job file says nothing, beside what is zero (api/jobs.go and the files beside it,
 * Canonicalize; seen on 2.0.6). By struct and key, as the API has them; durations are nanoseconds.
 */
const defaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Job: { Priority: 50, Region: "global", NodePool: "default", Datacenters: ["*"] },
  Constraint: { Operand: "=" },
  Affinity: { Operand: "=", Weight: 50 },
  // A count of 0 says something.
  TaskGroup: { Count: 1 },
  EphemeralDisk: { SizeMB: 300 },
  UpdateStrategy: {
    ...{ MaxParallel: 1, HealthCheck: "checks", MinHealthyTime: 10e9, HealthyDeadline: 300e9 },
    ...{ ProgressDeadline: 600e9, Stagger: 30e9 },
  },
  MigrateStrategy: { MaxParallel: 1, HealthCheck: "checks", MinHealthyTime: 10e9, HealthyDeadline: 300e9 },
  Task: { KillTimeout: 5e9 },
  LogConfig: { MaxFiles: 10, MaxFileSizeMB: 10, Enabled: true },
  // Always of interest, whatever they are.
  Resources: { CPU: undefined, MemoryMB: undefined },
  WorkloadIdentity: { Name: "default", Audience: ["nomadproject.io"] },
  Service: { AddressMode: "auto", Cluster: "default", OnUpdate: "require_healthy", Namespace: "default" },
  ServiceCheck: { OnUpdate: "require_healthy" },
  CheckRestart: { Grace: 1e9 },
  Template: { ChangeMode: "restart", LeftDelim: "{{", RightDelim: "}}", Perms: "0644", Splay: 5e9 },
  TaskArtifact: { GetterMode: "any", RelativeDest: "local/" },
  Vault: { Cluster: "default", Env: true, ChangeMode: "restart" },
  Consul: { Cluster: "default" },
  VolumeMount: { PropagationMode: "private" },
  Port: { HostNetwork: "default" },
  ScalingPolicy: { Enabled: true, Type: "horizontal" },
  PeriodicConfig: { Enabled: true, SpecType: "cron", TimeZone: "UTC" },
  ParameterizedJobConfig: { Payload: "optional" },
};

/** Restarting and rescheduling have defaults by the job's type (api/tasks.go, NewDefaultReschedulePolicy). */
const byType: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>> = {
  RestartPolicy: {
    usual: { Attempts: 2, Interval: 1800e9, Delay: 15e9, Mode: "fail" },
    batch: { Attempts: 3, Interval: 86_400e9, Delay: 15e9, Mode: "fail" },
    sysbatch: { Attempts: 3, Interval: 86_400e9, Delay: 15e9, Mode: "fail" },
  },
  ReschedulePolicy: {
    usual: { Attempts: 0, Interval: 0, Delay: 30e9, DelayFunction: "exponential", MaxDelay: 3600e9, Unlimited: true },
    batch: { Attempts: 1, Interval: 86_400e9, Delay: 5e9, DelayFunction: "constant", MaxDelay: 0, Unlimited: false },
    system: {},
    sysbatch: {},
  },
};

/** Keys of what Nomad keeps for itself, or that say a second time what stands elsewhere. */
const own: Readonly<Record<string, readonly string[]>> = {
  Job: [
    ...["ID", "Name", "Namespace", "Type", "Stop", "Status", "StatusDescription", "Stable", "Version", "VersionTag"],
    ...["SubmitTime", "CreateIndex", "ModifyIndex", "JobModifyIndex", "NomadTokenID", "ConsulNamespace"],
    ...["VaultNamespace", "ParentID", "Dispatched", "DispatchIdempotencyToken", "Payload", "TaskGroups", "Update"],
  ],
  TaskGroup: ["Name", "Tasks", "Count"],
  Task: ["Name"],
  ScalingPolicy: ["ID", "Namespace", "Target", "CreateIndex", "ModifyIndex"],
};

/** Of {@link own}, what a job file has nevertheless. */
const inFile: Readonly<Record<string, readonly string[]>> = {
  Job: ["Name", "Namespace", "Type", "TaskGroups"],
  TaskGroup: ["Name", "Count", "Tasks"],
  Task: ["Name"],
};

/**
 * The keys of a part of a job that say something: those that Nomad has not filled in by itself. Of a policy of restarting
 * or rescheduling all do as soon as one does, for they are read together. `jobType`: the type of the job that it is of.
 */
export function tellingKeys(struct: string, part: JobSpec, jobType: string): string[] {
  const keys = Object.keys(part).filter((key) => part[key] != null && !own[struct]?.includes(key));
  const { policy, differs } = judge(struct, part, jobType);
  if (!policy) return keys.filter(differs);
  if (!keys.some(differs)) return [];
  // Nothing is rescheduled, whatever else it says.
  if (part.Attempts === 0 && part.Unlimited === false) return ["Attempts"];
  return keys.filter((key) => !isZero(part[key]) || (key === "Attempts" && part.Unlimited !== true));
}

/**
 * The keys of a part of a job that its file must have for the same job to come of it. Of a policy all are written as soon as
 * one has to be, also those that are zero: Nomad fills in what is not there. `parent`: the struct that it stands in.
 */
export function writtenKeys(struct: string, part: JobSpec, jobType: string, parent: string): string[] {
  const isWritten = (key: string) => !own[struct]?.includes(key) || inFile[struct]?.includes(key);
  const keys = Object.keys(part).filter(
    (key) => part[key] != null && isWritten(key) && !saidElsewhere(struct, key, part),
  );
  const { policy, differs } = judge(struct, part, jobType);
  // What a task does not say of restarts its group says, and not Nomad.
  if (policy) return parent === "Task" || keys.some(differs) ? keys : [];
  return keys.filter((key) => differs(key) || alwaysWritten[struct]?.includes(key));
}

/** What is another thing where it is not there, or what a reader looks for first. */
const alwaysWritten: Readonly<Record<string, readonly string[]>> = {
  Job: ["Type"],
  DisconnectStrategy: ["Replace"],
  ScalingPolicy: ["Enabled", "Policy"],
};

function saidElsewhere(struct: string, key: string, part: JobSpec): boolean {
  if (struct === "Job") return key === "Name" && part.Name === part.ID;
  // The label of a policy says of which resource it is, and of Consul's mesh the service says which tasks there are.
  if (struct === "ScalingPolicy") return key === "Type";
  if (struct === "Task") return key === "Kind";
  if (struct === "RestartPolicy") return key === "RenderTemplates" && part.RenderTemplates === false;
  return struct === "ServiceCheck" && key === "Name" && isGivenName(part.Name);
}

/** Blocks that every job, group or task has, and that are told only where they say something. */
export const everywhere = [
  ...["EphemeralDisk", "LogConfig", "MigrateStrategy", "ReschedulePolicy", "RestartPolicy", "UpdateStrategy"],
  "WorkloadIdentity",
];

/** What Nomad calls a check that has no name. */
export const isGivenName = (name: unknown) => typeof name === "string" && /^service: ".*" check$/.test(name);

/** How the keys of a part are held against what Nomad fills in. `policy`: they are read together. */
function judge(struct: string, part: JobSpec, jobType: string) {
  const types = byType[struct];
  const usual = (types === undefined ? defaults[struct] : (types[jobType] ?? types.usual)) ?? {};
  const differs = (key: string) =>
    Object.hasOwn(usual, key) ? !isDeepStrictEqual(part[key], usual[key]) : !isZero(part[key]);
  return { policy: types !== undefined, differs };
}

function isZero(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === "" || value === 0 || value === false;
}
