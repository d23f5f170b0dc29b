/** The objects of Nomad's API as its servers keep them, in the spelling of its JSON. Times are ns, durations too. */

/** A condition that a node has to meet. */
export interface Constraint {
  LTarget: string;
  RTarget: string;
  Operand: string;
}

/** A condition that a node had better meet. */
export interface Affinity extends Constraint {
  Weight: number;
}

/** A port that is asked for, or given. */
export interface Port {
  Label: string;
  Value?: number;
  To?: number;
  HostNetwork?: string;
  IgnoreCollision?: boolean;
  HostIP?: string;
}

/** The network of a group. */
export interface Network {
  Mode?: string;
  IP?: string;
  DynamicPorts?: Port[];
  ReservedPorts?: Port[];
  [other: string]: unknown;
}

/** What a task asks for. */
export interface Resources {
  CPU: number;
  Cores: number;
  MemoryMB: number;
  MemoryMaxMB: number;
  DiskMB: number;
  IOPS: number;
  Networks: Network[] | null;
  Devices: { Name: string; Count: number }[] | null;
  NUMA: unknown;
  SecretsMB: number;
}

/** A check of a service. */
export interface Check {
  Name: string;
  Type: string;
  Path: string;
  PortLabel: string;
  Interval: number;
  Timeout: number;
  [other: string]: unknown;
}

/** A service that a group or task registers. */
export interface Service {
  Name: string;
  PortLabel: string;
  Provider: string;
  Cluster: string;
  Tags: string[] | null;
  Checks: Check[] | null;
  TaskName: string;
  Connect: unknown;
  [other: string]: unknown;
}

/** How often a task is restarted where it is. */
export interface RestartPolicy {
  Attempts: number;
  Interval: number;
  Delay: number;
  Mode: string;
  RenderTemplates: boolean;
}

/** How often an allocation is replaced elsewhere. */
export interface ReschedulePolicy {
  Attempts: number;
  Interval: number;
  Delay: number;
  DelayFunction: string;
  MaxDelay: number;
  Unlimited: boolean;
}

/** How a new version is rolled out. */
export interface UpdateStrategy {
  Stagger: number;
  MaxParallel: number;
  HealthCheck: string;
  MinHealthyTime: number;
  HealthyDeadline: number;
  ProgressDeadline: number;
  AutoRevert: boolean;
  AutoPromote: boolean;
  Canary: number;
}

/** One task of a group. */
/** A command that the author of a job has given a name. */
export interface Action {
  Name: string;
  Command: string;
  Args: string[] | null;
}

export interface Task {
  Name: string;
  Driver: string;
  Config: Record<string, unknown> | null;
  Env: Record<string, string> | null;
  Meta: Record<string, string> | null;
  Constraints: Constraint[] | null;
  Affinities: Affinity[] | null;
  Services: Service[] | null;
  Resources: Resources;
  RestartPolicy: RestartPolicy | null;
  KillTimeout: number;
  ShutdownDelay: number;
  Leader: boolean;
  Lifecycle: { Hook: string; Sidecar: boolean } | null;
  LogConfig: { MaxFiles: number; MaxFileSizeMB: number; Disabled: boolean };
  Templates: Record<string, unknown>[] | null;
  Artifacts: Record<string, unknown>[] | null;
  VolumeMounts: { Volume: string }[] | null;
  Actions: Action[] | null;
  [other: string]: unknown;
}

/** A volume as a group asks for it. */
export interface VolumeRequest {
  Type: string;
  Source: string;
  ReadOnly?: boolean;
  Sticky?: boolean;
  AccessMode?: string;
  AttachmentMode?: string;
}

/** Tasks that run together on a node. */
export interface TaskGroup {
  Name: string;
  Count: number;
  Constraints: Constraint[] | null;
  Affinities: Affinity[] | null;
  Spreads: unknown;
  Tasks: Task[];
  Networks: Network[] | null;
  Services: Service[] | null;
  RestartPolicy: RestartPolicy;
  ReschedulePolicy: ReschedulePolicy | null;
  EphemeralDisk: { Sticky: boolean; SizeMB: number; Migrate: boolean };
  Update: UpdateStrategy | null;
  Migrate: { MaxParallel: number; HealthCheck: string; MinHealthyTime: number; HealthyDeadline: number } | null;
  Meta: Record<string, string> | null;
  Volumes: Record<string, VolumeRequest> | null;
  ShutdownDelay: number | null;
  Scaling: { Enabled: boolean; [other: string]: unknown } | null;
  [other: string]: unknown;
}

/** When a job is launched. */
export interface Periodic {
  Enabled: boolean;
  Spec: string;
  Specs: string[];
  SpecType: string;
  ProhibitOverlap: boolean;
  TimeZone: string;
}

/** A job as the servers keep it. */
export interface Job {
  ID: string;
  Name: string;
  Namespace: string;
  Region: string;
  Type: string;
  Priority: number;
  Datacenters: string[];
  NodePool: string;
  Constraints: Constraint[] | null;
  Affinities: Affinity[] | null;
  Spreads: unknown;
  TaskGroups: TaskGroup[];
  Update: UpdateStrategy;
  Periodic: Periodic | null;
  ParameterizedJob: { Payload: string; MetaRequired: string[] | null; MetaOptional: string[] | null } | null;
  ParentID: string;
  Dispatched: boolean;
  Meta: Record<string, string> | null;
  Stop: boolean;
  Status: string;
  StatusDescription: string;
  Stable: boolean;
  Version: number;
  VersionTag: { Name: string; Description: string; TaggedTime: number } | null;
  SubmitTime: number;
  CreateIndex: number;
  ModifyIndex: number;
  JobModifyIndex: number;
  [other: string]: unknown;
}

/** It runs nothing itself, but a child for each dispatch; such a child keeps the block. */
export function isParameterized({ ParameterizedJob, Dispatched }: Job): boolean {
  return ParameterizedJob !== null && !Dispatched;
}

/** The source that a version of a job came from. */
export interface Submission {
  Source: string;
  Format: string;
  VariableFlags: Record<string, string> | null;
  Variables: string;
  Namespace: string;
  JobID: string;
  Version: number;
  JobModifyIndex: number;
}
