import { multierror } from "../errors.ts";
import type { Job, Network, TaskGroup } from "../state/job-types.ts";
import { checkAffinities, checkConstraints, nested, quote } from "./validate-parts.ts";
import { checkParameterized, checkPeriodic, checkReschedule, checkRestart, checkUpdate } from "./validate-policies.ts";
import { checkGroupServices } from "./validate-services.ts";
import { checkTask } from "./validate-task.ts";

function checkNetworks(networks: readonly Network[] | null): string[] {
  const errors: string[] = [];
  const labels = new Set<string>();
  const values = new Map<number, string>();
  for (const network of networks ?? [])
    for (const port of [...(network.ReservedPorts ?? []), ...(network.DynamicPorts ?? [])]) {
      if (labels.has(port.Label)) errors.push(`Port label ${port.Label} already in use by taskgroup network`);
      labels.add(port.Label);
      const value = port.Value ?? 0;
      const taken = values.get(value);
      if (value !== 0 && taken !== undefined && !port.IgnoreCollision)
        errors.push(`Static port ${value} already reserved by ${taken}`);
      else if (value > 65535) errors.push(`Port ${port.Label} (${value}) cannot be greater than 65535`);
      else if (value !== 0) values.set(value, `taskgroup network:${port.Label}`);
      const to = port.To ?? 0;
      if (to < -1) errors.push(`Port ${quote(port.Label)} cannot be mapped to negative value ${to}`);
      else if (to > 65535)
        errors.push(`Port ${quote(port.Label)} cannot be mapped to a port (${to}) greater than 65535`);
    }
  return errors;
}

function checkGroup(group: TaskGroup, type: string): string[] {
  const errors: string[] = [];
  if (group.Name === "") errors.push("Missing task group name");
  if (group.Count < 0) errors.push("Task group count can't be negative");
  if (group.Tasks.length === 0) errors.push("Missing tasks for task group");
  errors.push(...checkConstraints(group.Constraints), ...checkAffinities(group.Affinities));
  errors.push(...checkRestart(group.RestartPolicy));
  if (type === "system" || type === "sysbatch") {
    if (group.ReschedulePolicy) errors.push("System or sysbatch jobs should not have a reschedule policy");
  } else if (group.ReschedulePolicy) errors.push(...checkReschedule(group.ReschedulePolicy));
  if (group.EphemeralDisk.SizeMB < 10) errors.push(`minimum DiskMB value is 10; got ${group.EphemeralDisk.SizeMB}`);
  if (group.Update) {
    if (type !== "service" && type !== "system") errors.push(`Job type ${quote(type)} does not allow update block`);
    errors.push(...checkUpdate(group.Update));
  }
  if (type !== "service" && group.Migrate) errors.push(`Job type ${quote(type)} does not allow migrate block`);
  const seen = new Map<string, number>();
  for (const [at, task] of group.Tasks.entries()) {
    const before = seen.get(task.Name);
    if (task.Name === "") errors.push(`Task ${at + 1} missing name`);
    else if (before !== undefined) errors.push(`Task ${at + 1} redefines '${task.Name}' from task ${before + 1}`);
    else seen.set(task.Name, at);
  }
  if (group.Tasks.filter((task) => task.Leader).length > 1) errors.push("Only one task may be marked as leader");
  if (group.Tasks.length > 0 && group.Tasks.every((task) => task.Lifecycle))
    errors.push(`Task group ${group.Name} must have at least one main task`);
  for (const [name, { Type, Source }] of Object.entries(group.Volumes ?? {})) {
    const known = Type === "host" || Type === "csi";
    const why = !known
      ? `volume has unrecognized type ${Type}`
      : Source === ""
        ? multierror(["volume has an empty source"])
        : "";
    if (why !== "") errors.push(`Task group volume validation for ${name} failed: ${why}`);
  }
  errors.push(...nested("Task group network validation failed: ", checkNetworks(group.Networks)));
  errors.push(...nested("Task group service validation failed: ", checkGroupServices(group)));
  errors.push(...nested("Task group scaling policy validation failed: ", checkScaling(group)));
  for (const task of group.Tasks)
    errors.push(...nested(`Task ${task.Name} validation failed: `, checkTask(task, type, group)));
  return errors;
}

function checkScaling({ Scaling: scaling, Count: count }: TaskGroup): string[] {
  if (!scaling) return [];
  const { Min = 0, Max = 0 } = scaling as { Min?: number; Max?: number };
  const errors: string[] = [];
  if (Max < Min) errors.push("Scaling policy invalid: maximum count must not be less than minimum count");
  if (Max < count)
    errors.push("Scaling policy invalid: task group count must not be greater than maximum count in scaling policy");
  if (count < Min)
    errors.push("Scaling policy invalid: task group count must not be less than minimum count in scaling policy");
  return errors;
}

/** What Nomad has against a job, one entry an error. */
export function validateJob(job: Job, cronError: (spec: string) => string | undefined): string[] {
  const errors: string[] = [];
  if (job.ID === "") errors.push("Missing job ID");
  else if (job.ID.includes(" ")) errors.push("Job ID contains a space");
  else if (job.ID.includes("\0")) errors.push("Job ID contains a null character");
  if (job.Name === "") errors.push("Missing job name");
  else if (job.Name.includes("\0")) errors.push("Job Name contains a null character");
  if (!["service", "batch", "system", "sysbatch"].includes(job.Type))
    errors.push(`Invalid job type: ${quote(job.Type)}`);
  if (job.Datacenters.includes("")) errors.push("Job datacenter must be non-empty string");
  if (job.TaskGroups.length === 0) errors.push("Missing job task groups");
  errors.push(...checkConstraints(job.Constraints));
  if (job.Type === "system" && job.Affinities) errors.push("System jobs may not have an affinity block");
  else errors.push(...checkAffinities(job.Affinities));
  const seen = new Map<string, number>();
  for (const [at, group] of job.TaskGroups.entries()) {
    const before = seen.get(group.Name);
    if (group.Name === "") errors.push(`Job task group ${at + 1} missing name`);
    else if (before !== undefined)
      errors.push(`Job task group ${at + 1} redefines '${group.Name}' from group ${before + 1}`);
    else seen.set(group.Name, at);
    if (job.Type === "system" && group.Count > 1)
      errors.push(`Job task group ${group.Name} has count ${group.Count}. Count cannot exceed 1 with system scheduler`);
  }
  for (const group of job.TaskGroups)
    errors.push(...nested(`Task group ${group.Name} validation failed: `, checkGroup(group, job.Type)));
  errors.push(...checkPeriodic(job, cronError));
  errors.push(...checkParameterized(job));
  if (job.Priority < 1 || job.Priority > 100) errors.push("job priority must be between [1, 100]");
  return errors;
}
