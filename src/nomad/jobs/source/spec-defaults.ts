import { isDeepStrictEqual } from "node:util";
import type { JobSpec } from "../file/job-json.ts";

/**
 * What Nomad fills in where a job file says nothing, beside what is zero (api/jobs.go and the files beside it,
 * Canonicalize; seen on 2.0.6). By struct and key, as the API has them; durations are nanoseconds.
 */
const defaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Job: { Priority: 50, Region: "global", NodePool: "default", Datacenters: ["*"] },
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

/**
 * The keys of a part of a job that say something: those that Nomad has not filled in by itself. Of a policy of restarting
 * or rescheduling all do as soon as one does, for they are read together. `jobType`: the type of the job that it is of.
 */
export function tellingKeys(struct: string, part: JobSpec, jobType: string): string[] {
  const keys = Object.keys(part).filter((key) => part[key] != null && !own[struct]?.includes(key));
  const types = byType[struct];
  const usual = (types === undefined ? defaults[struct] : (types[jobType] ?? types.usual)) ?? {};
  const differs = (key: string) =>
    Object.hasOwn(usual, key) ? !isDeepStrictEqual(part[key], usual[key]) : !isZero(part[key]);
  if (types === undefined) return keys.filter(differs);
  if (!keys.some(differs)) return [];
  // Nothing is rescheduled, whatever else it says.
  if (part.Attempts === 0 && part.Unlimited === false) return ["Attempts"];
  return keys.filter((key) => !isZero(part[key]) || (key === "Attempts" && part.Unlimited !== true));
}

function isZero(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === "" || value === 0 || value === false;
}
