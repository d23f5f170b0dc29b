import { isDeepStrictEqual } from "node:util";
import type { Job, Network, TaskGroup } from "../state/job-types.ts";

/** What the servers set themselves and what therefore makes no new version. */
const OWN: readonly (keyof Job & string)[] = [
  "Status",
  "StatusDescription",
  "Stable",
  "Version",
  "CreateIndex",
  "ModifyIndex",
  "JobModifyIndex",
  "SubmitTime",
];

/** Whether a job that is registered again differs from the one that is there. */
export function specChanged(before: Job, after: Job): boolean {
  const same: Record<string, unknown> = { ...after };
  for (const key of OWN) same[key] = before[key];
  return !isDeepStrictEqual(same, before);
}

const networkSketch = (networks: Network[] | null) =>
  (networks ?? []).map(({ Mode, MBits, Hostname, DNS, CNI, DynamicPorts, ReservedPorts }) => ({
    Mode: Mode || "host",
    MBits,
    Hostname,
    DNS,
    CNI,
    // a dynamic port's number is Nomad's own business
    dynamic: (DynamicPorts ?? []).map(({ Value: _, ...port }) => port),
    reserved: ReservedPorts ?? [],
  }));

/** Everything of a group that a running allocation cannot take over: if it differs, the allocation has to be replaced. */
function sketch(job: Job, group: TaskGroup): unknown {
  return {
    disk: group.EphemeralDisk,
    networks: networkSketch(group.Networks),
    consul: group.Consul,
    volumes: group.Volumes,
    render: group.RestartPolicy.RenderTemplates,
    tasks: group.Tasks.map((task) => ({
      name: task.Name,
      driver: task.Driver,
      user: task.User,
      config: task.Config,
      env: task.Env,
      artifacts: task.Artifacts,
      vault: task.Vault,
      secrets: task.Secrets,
      templates: task.Templates,
      mounts: task.VolumeMounts,
      meta: { ...job.Meta, ...group.Meta, ...task.Meta },
      resources: { ...task.Resources, Networks: networkSketch(task.Resources.Networks) },
      identity: task.Identity,
      identities: task.Identities,
      logs: task.LogConfig.Disabled,
      render: task.RestartPolicy?.RenderTemplates,
    })).sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Whether going from one version of a job to another replaces the allocations of a group. */
export function isDestructive(before: Job, after: Job, name: string): boolean {
  const [a, b] = [before, after].map((job) => job.TaskGroups.find((group) => group.Name === name));
  if (!a || !b) return true;
  return !isDeepStrictEqual(sketch(before, a), sketch(after, b));
}
