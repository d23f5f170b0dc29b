import { HOUR, MINUTE, SECOND } from "../gotime.ts";
import type { Job, RestartPolicy, TaskGroup, UpdateStrategy } from "../state/job-types.ts";
import { canonicalService, canonicalTask } from "./canonicalize-task.ts";
import { affinities, canonicalNetworks, either, orNull, over, type Sent } from "./sent.ts";

const UPDATE: UpdateStrategy = {
  Stagger: 30 * SECOND,
  MaxParallel: 1,
  HealthCheck: "checks",
  MinHealthyTime: 10 * SECOND,
  HealthyDeadline: 5 * MINUTE,
  ProgressDeadline: 10 * MINUTE,
  AutoRevert: false,
  AutoPromote: false,
  Canary: 0,
};
const NO_UPDATE: UpdateStrategy = {
  ...UPDATE,
  Stagger: 0,
  MaxParallel: 0,
  HealthCheck: "",
  MinHealthyTime: 0,
  HealthyDeadline: 0,
  ProgressDeadline: 0,
};

function updateIsEmpty(update: Sent): boolean {
  return Object.values(update).every((value) => !value);
}

function groupUpdate(type: string, job: Sent, group: Sent): UpdateStrategy | null {
  const takes = type === "service" || type === "system";
  const sent = job.Update as Sent | null;
  if (!sent && !takes) return group.Update ? over(UPDATE, group.Update) : null;
  const base = over(UPDATE, sent);
  if (group.Update) return over(base, group.Update);
  return updateIsEmpty({ ...base }) ? null : base;
}

function reschedule(type: string, job: Sent, group: Sent) {
  const none = { Attempts: 0, Interval: 0, Delay: 0, DelayFunction: "", MaxDelay: 0, Unlimited: false };
  const set = job.Reschedule ?? group.ReschedulePolicy;
  if (!set && (type === "system" || type === "sysbatch")) return null;
  const defaults =
    type === "service"
      ? { ...none, Delay: 30 * SECOND, DelayFunction: "exponential", MaxDelay: HOUR, Unlimited: true }
      : type === "batch"
        ? { ...none, Attempts: 1, Interval: 24 * HOUR, Delay: 5 * SECOND, DelayFunction: "constant" }
        : none;
  return over(over(defaults, job.Reschedule), group.ReschedulePolicy);
}

function migrate(type: string, job: Sent, group: Sent) {
  if (!job.Migrate && !group.Migrate && type !== "service") return null;
  const defaults = {
    MaxParallel: 1,
    HealthCheck: "checks",
    MinHealthyTime: 10 * SECOND,
    HealthyDeadline: 5 * MINUTE,
  };
  return over(over(defaults, job.Migrate), group.Migrate);
}

function restart(type: string): RestartPolicy {
  const service = type === "service" || type === "system";
  return {
    Attempts: service ? 2 : 3,
    Interval: service ? 30 * MINUTE : 24 * HOUR,
    Delay: 15 * SECOND,
    Mode: "fail",
    RenderTemplates: false,
  };
}

function canonicalGroup(sent: Sent, job: Sent, name: string, type: string, namespace: string): TaskGroup {
  const scaling = sent.Scaling as Sent | null;
  const count = either(sent.Count, either(scaling?.Min, 1));
  const policy = over(restart(type), sent.RestartPolicy);
  const group = either(sent.Name, "");
  return {
    Name: group,
    Count: count,
    Constraints: orNull(sent.Constraints),
    Affinities: affinities(sent.Affinities),
    Spreads: orNull(sent.Spreads),
    Networks: canonicalNetworks(sent.Networks),
    Services:
      orNull<Sent[]>(sent.Services)?.map((service) => canonicalService(service, name, group, "group", namespace)) ??
      null,
    Consul: sent.Consul ?? null,
    RestartPolicy: policy,
    ReschedulePolicy: reschedule(type, job, sent),
    Disconnect: sent.Disconnect ?? null,
    EphemeralDisk: over({ Sticky: false, SizeMB: 300, Migrate: false }, sent.EphemeralDisk),
    Update: groupUpdate(type, job, sent),
    Migrate: migrate(type, job, sent),
    Meta: orNull(sent.Meta),
    Scaling: scaling
      ? {
          ID: "",
          Type: scaling.Type || "horizontal",
          Target: { Namespace: namespace, Job: String(job.ID), Group: group },
          Min: either(scaling.Min, count),
          Max: either(scaling.Max, 0),
          Policy: scaling.Policy ?? null,
          Enabled: either(scaling.Enabled, true),
          CreateIndex: 0,
          ModifyIndex: 0,
        }
      : null,
    Volumes: orNull(sent.Volumes),
    ShutdownDelay: either<number | null>(sent.ShutdownDelay, null),
    MaxRunDuration: sent.MaxRunDuration ?? null,
    MaxClientDisconnect: sent.MaxClientDisconnect ?? null,
    StopAfterClientDisconnect: sent.StopAfterClientDisconnect ?? null,
    PreventRescheduleOnLost: sent.PreventRescheduleOnLost ?? false,
    Tasks: either<Sent[]>(sent.Tasks, []).map((task) => canonicalTask(task, name, group, policy, namespace)),
  };
}

/** The job that a server makes of what a client sent: every default filled in. Indexes, status and times come later. */
export function canonicalJob(sent: Sent, namespace: string): Job {
  const type = either(sent.Type, "service");
  const id = either(sent.ID, "");
  const name = either(sent.Name, id);
  const periodic = sent.Periodic as Sent | null;
  const parameterized = sent.ParameterizedJob as Sent | null;
  const takesUpdate = type === "service" || type === "system";
  const update = sent.Update || takesUpdate ? over(UPDATE, sent.Update) : NO_UPDATE;
  return {
    ID: id,
    Name: name,
    Namespace: namespace,
    Region: "global",
    Type: type,
    Priority: either(sent.Priority, 50) || 50,
    AllAtOnce: sent.AllAtOnce ?? false,
    Datacenters: orNull<string[]>(sent.Datacenters) ?? ["*"],
    NodePool: either(sent.NodePool, "") || "default",
    Constraints: orNull(sent.Constraints),
    Affinities: affinities(sent.Affinities),
    Spreads: orNull(sent.Spreads),
    TaskGroups: either<Sent[]>(sent.TaskGroups, []).map((group) => canonicalGroup(group, sent, name, type, namespace)),
    // the rest of a job's own update block has moved into its groups
    Update:
      update.MaxParallel > 0 ? { ...NO_UPDATE, Stagger: update.Stagger, MaxParallel: update.MaxParallel } : NO_UPDATE,
    Multiregion: null,
    Periodic: periodic
      ? {
          Enabled: either(periodic.Enabled, true),
          Spec: either(periodic.Spec, ""),
          Specs: either<string[]>(periodic.Specs, []),
          SpecType: either(periodic.SpecType, "cron"),
          ProhibitOverlap: either(periodic.ProhibitOverlap, false),
          TimeZone: either(periodic.TimeZone, "") || "UTC",
        }
      : null,
    ParameterizedJob: parameterized
      ? {
          Payload: either(parameterized.Payload, "") || "optional",
          MetaRequired: either<string[] | null>(parameterized.MetaRequired, null),
          MetaOptional: either<string[] | null>(parameterized.MetaOptional, null),
        }
      : null,
    ParentID: "",
    Dispatched: false,
    DispatchIdempotencyToken: "",
    Payload: null,
    Meta: orNull(sent.Meta),
    ConsulNamespace: "",
    VaultNamespace: either(sent.VaultNamespace, ""),
    NomadTokenID: "",
    UI: sent.UI ?? null,
    Stop: either(sent.Stop, false),
    Status: "",
    StatusDescription: "",
    Stable: false,
    Version: either(sent.Version, 0),
    VersionTag: either<Job["VersionTag"]>(sent.VersionTag, null),
    SubmitTime: 0,
    CreateIndex: 0,
    ModifyIndex: 0,
    JobModifyIndex: 0,
  };
}
