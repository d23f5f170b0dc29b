import { SECOND } from "../gotime.ts";
import type { Check, Resources, RestartPolicy, Service, Task } from "../state/job-types.ts";
import { affinities, canonicalNetworks, either, orNull, over, type Sent } from "./sent.ts";

/** The identity every task has unless it asks for another. */
const IDENTITY = {
  Name: "default",
  Audience: ["nomadproject.io"],
  ChangeMode: "",
  ChangeSignal: "",
  Env: false,
  ExtraClaims: null,
  File: false,
  Filepath: "",
  ServiceName: "",
  TTL: 0,
};

/** A service with Nomad's defaults; its name may hold ${JOB}, ${TASKGROUP}, ${TASK} and ${BASE}. */
export function canonicalService(sent: Sent, job: string, group: string, task: string, namespace: string): Service {
  const provider = (sent.Provider as string) || "consul";
  const own = task === "group" ? `${job}-${group}` : `${job}-${group}-${task}`;
  const known: Record<string, string> = { JOB: job, TASKGROUP: group, TASK: task, BASE: `${job}-${group}-${task}` };
  const name = ((sent.Name as string) || own).replace(/\$\{(\w+)\}/g, (whole, key: string) => known[key] ?? whole);
  return {
    Name: name,
    PortLabel: either(sent.PortLabel, ""),
    TaskName: either(sent.TaskName, "") || (task === "group" ? "" : task),
    Tags: orNull(sent.Tags),
    CanaryTags: orNull(sent.CanaryTags),
    EnableTagOverride: sent.EnableTagOverride ?? false,
    AddressMode: sent.AddressMode || "auto",
    Address: sent.Address ?? "",
    Checks: orNull<Sent[]>(sent.Checks)?.map((check) => canonicalCheck(check, sent, name)) ?? null,
    Connect: sent.Connect ?? null,
    Meta: orNull(sent.Meta),
    CanaryMeta: orNull(sent.CanaryMeta),
    TaggedAddresses: orNull(sent.TaggedAddresses),
    Namespace: provider === "nomad" ? namespace : "default",
    OnUpdate: sent.OnUpdate || "require_healthy",
    Provider: provider,
    Cluster: (sent.Cluster as string) || "default",
    Identity: sent.Identity ?? null,
    Weights: sent.Weights ?? null,
    Kind: sent.Kind ?? "",
  };
}

function canonicalCheck(sent: Sent, service: Sent, name: string): Check {
  const restart = over({ Limit: 0, Grace: SECOND, IgnoreWarnings: false }, service.CheckRestart);
  const limit = service.CheckRestart || sent.CheckRestart ? over(restart, sent.CheckRestart) : null;
  return {
    Name: (sent.Name as string) || `service: "${name}" check`,
    Type: String(sent.Type ?? "").toLowerCase(),
    Command: sent.Command,
    Args: orNull(sent.Args),
    Path: String(sent.Path ?? ""),
    Protocol: sent.Protocol,
    PortLabel: String(sent.PortLabel ?? ""),
    Expose: sent.Expose,
    AddressMode: sent.AddressMode,
    Advertise: sent.Advertise,
    Interval: Number(sent.Interval ?? 0),
    Timeout: Number(sent.Timeout ?? 0),
    InitialStatus: sent.InitialStatus,
    Notes: sent.Notes,
    TLSServerName: sent.TLSServerName,
    TLSSkipVerify: sent.TLSSkipVerify,
    Header: orNull(sent.Header),
    Method: sent.Method,
    CheckRestart: limit,
    GRPCService: sent.GRPCService,
    GRPCUseTLS: sent.GRPCUseTLS,
    TaskName: sent.TaskName,
    SuccessBeforePassing: sent.SuccessBeforePassing,
    FailuresBeforeCritical: sent.FailuresBeforeCritical,
    FailuresBeforeWarning: sent.FailuresBeforeWarning,
    Body: sent.Body,
    OnUpdate: sent.OnUpdate || service.OnUpdate || "require_healthy",
  };
}

function canonicalResources(sent: Sent | null): Resources {
  const cores = either(sent?.Cores, 0);
  return {
    CPU: either(sent?.CPU, sent?.Cores === null || sent?.Cores === undefined ? 100 : 0),
    Cores: cores,
    MemoryMB: either(sent?.MemoryMB, 300),
    MemoryMaxMB: either(sent?.MemoryMaxMB, 0),
    DiskMB: either(sent?.DiskMB, 0),
    IOPS: either(sent?.IOPS, 0),
    Networks: canonicalNetworks(sent?.Networks),
    Devices:
      orNull<Sent[]>(sent?.Devices)?.map((device) => ({
        ...device,
        Name: String(device.Name),
        Count: either(device.Count, 1),
      })) ?? null,
    NUMA: sent?.NUMA ?? null,
    SecretsMB: either(sent?.SecretsMB, 0),
  };
}

function canonicalTemplate(sent: Sent): Sent {
  const mode = either<string>(sent.ChangeMode, "restart");
  const signal = either(sent.ChangeSignal, mode === "signal" ? "SIGHUP" : "").toUpperCase();
  return {
    SourcePath: either(sent.SourcePath, ""),
    DestPath: either(sent.DestPath, ""),
    EmbeddedTmpl: either(sent.EmbeddedTmpl, ""),
    ChangeMode: mode,
    ChangeSignal: signal,
    ChangeScript: sent.ChangeScript ?? null,
    Once: either(sent.Once, false),
    Splay: either(sent.Splay, 5 * SECOND),
    Perms: either(sent.Perms, "0644"),
    Uid: sent.Uid ?? null,
    Gid: sent.Gid ?? null,
    LeftDelim: either(sent.LeftDelim, "{{"),
    RightDelim: either(sent.RightDelim, "}}"),
    Envvars: either(sent.Envvars, false),
    VaultGrace: either(sent.VaultGrace, 0),
    Wait: sent.Wait ?? null,
    ErrMissingKey: either(sent.ErrMissingKey, false),
  };
}

function canonicalArtifact(sent: Sent): Sent {
  const mode = either<string>(sent.GetterMode, "any");
  const source = either(sent.GetterSource, "");
  return {
    GetterSource: source,
    GetterOptions: orNull(sent.GetterOptions),
    GetterHeaders: orNull(sent.GetterHeaders),
    GetterMode: mode,
    GetterInsecure: either(sent.GetterInsecure, false),
    RelativeDest: either(sent.RelativeDest, mode === "file" ? `local/${source.split("/").at(-1)}` : "local/"),
    Chown: either(sent.Chown, false),
  };
}

/** A task with Nomad's defaults; what it does not say about restarts comes from its group. */
export function canonicalTask(sent: Sent, job: string, group: string, policy: RestartPolicy, namespace: string): Task {
  const lifecycle = sent.Lifecycle as Sent | null;
  const name = either(sent.Name, "");
  const logs = sent.LogConfig as Sent | null;
  return {
    Name: name,
    Driver: either(sent.Driver, ""),
    User: either(sent.User, ""),
    Leader: either(sent.Leader, false),
    Config: orNull(sent.Config),
    Env: orNull(sent.Env),
    Meta: orNull(sent.Meta),
    KillTimeout: either(sent.KillTimeout, 0) || 5 * SECOND,
    ShutdownDelay: either(sent.ShutdownDelay, 0),
    KillSignal: either(sent.KillSignal, ""),
    Kind: either(sent.Kind, ""),
    Constraints: orNull(sent.Constraints),
    Affinities: affinities(sent.Affinities),
    CSIPluginConfig: null,
    Identity: sent.Identity ?? IDENTITY,
    Identities: orNull(sent.Identities),
    RestartPolicy: over(policy, sent.RestartPolicy),
    VolumeMounts: orNull(sent.VolumeMounts),
    ScalingPolicies: null,
    Services:
      orNull<Sent[]>(sent.Services)?.map((service) => canonicalService(service, job, group, name, namespace)) ?? null,
    Resources: canonicalResources(sent.Resources as Sent | null),
    LogConfig: over(
      { MaxFiles: 10, MaxFileSizeMB: 10, Disabled: false },
      {
        ...logs,
        Disabled: logs?.Disabled ?? (logs?.Enabled === false ? true : null),
      },
    ),
    Artifacts: orNull<Sent[]>(sent.Artifacts)?.map(canonicalArtifact) ?? null,
    Vault: sent.Vault ?? null,
    Consul: sent.Consul ?? null,
    Secrets: orNull(sent.Secrets),
    Templates: orNull<Sent[]>(sent.Templates)?.map(canonicalTemplate) ?? null,
    DispatchPayload: sent.DispatchPayload ?? null,
    Lifecycle:
      lifecycle && (lifecycle.Hook || lifecycle.Sidecar)
        ? { Hook: either(lifecycle.Hook, ""), Sidecar: either(lifecycle.Sidecar, false) }
        : null,
    Actions: orNull(sent.Actions),
    Schedule: sent.Schedule ?? null,
  };
}
