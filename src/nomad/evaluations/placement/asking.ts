import type { Job, Service, Task, TaskGroup, VolumeRequest } from "../../../endpoints/job.ts";

/** What the sentences need of a job: one that runs, or one that is only planned. */
export type AskingJob = Pick<Job, "Datacenters" | "NodePool" | "Constraints"> &
  Partial<Pick<Job, "ID" | "Namespace" | "Type" | "Version" | "Priority">> & {
    readonly TaskGroups: readonly AskingGroup[] | null;
  };

/** One of its groups. */
export type AskingGroup = Pick<TaskGroup, "Name" | "EphemeralDisk" | "Constraints"> & {
  readonly Networks?: readonly { readonly Mode: string }[] | null | undefined;
  readonly Consul?: { readonly Partition: string } | null | undefined;
  readonly Volumes?: Readonly<Record<string, AskingVolume>> | null | undefined;
  readonly Services?: readonly AskingService[] | null;
  readonly Update?: { readonly Canary?: number | undefined } | null | undefined;
  readonly Tasks: readonly AskingTask[] | null;
};

export type AskingVolume = Pick<VolumeRequest, "Type" | "Source" | "ReadOnly"> & Partial<VolumeRequest>;
export type AskingService = Pick<Service, "Name" | "Provider"> & {
  readonly Connect?:
    | {
        readonly SidecarService?:
          | { readonly Proxy?: { readonly TransparentProxy?: unknown } | null | undefined }
          | null
          | undefined;
      }
    | null
    | undefined;
  readonly Checks?: readonly unknown[] | null | undefined;
};
export type AskingTask = Pick<Task, "Name" | "Driver" | "Constraints" | "Resources" | "KillSignal"> & {
  readonly Services?: readonly AskingService[] | null;
  readonly Vault?: { readonly ChangeMode: string; readonly ChangeSignal: string } | null | undefined;
  readonly Templates?: readonly { readonly ChangeMode: string; readonly ChangeSignal: string }[] | null | undefined;
  readonly Secrets?: readonly { readonly Provider: string }[] | null | undefined;
  readonly Consul?: { readonly Partition: string } | null | undefined;
  readonly Schedule?: unknown;
};

/** Everything that must hold on one node: the job's constraints, the group's, and those of its tasks. */
export function constraintsOf(job: AskingJob, group: AskingGroup | undefined) {
  const ofTasks = (group?.Tasks ?? []).flatMap((task) => task.Constraints ?? []);
  return [...(job.Constraints ?? []), ...(group?.Constraints ?? []), ...ofTasks];
}
