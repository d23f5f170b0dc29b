import type { Job, TaskGroup } from "../state/job-types.ts";
import { nested, quote } from "./validate-parts.ts";

/** What Nomad warns of in a job that it takes. */
export function jobWarnings(job: Job): string[] {
  const warnings: string[] = [];
  for (const group of job.TaskGroups) {
    const inner: string[] = [];
    const { Update: update, Count: count } = group;
    if (update && count > 1 && update.MaxParallel > count)
      inner.push(
        `Update max parallel count is greater than task group count (${update.MaxParallel} > ${count}). A destructive change would result in the simultaneous replacement of all allocations.`,
      );
    if (group.MaxClientDisconnect)
      inner.push("MaxClientDisconnect is deprecated and ignored in favor of Disconnect.LostAfter");
    warnings.push(...nested(`Group ${quote(group.Name)} has warnings: `, inner));
  }
  for (const group of job.TaskGroups) warnings.push(...shutdownWarnings(group));
  if (job.Periodic && job.Periodic.Spec !== "")
    warnings.push("cron is deprecated and may be removed in a future release. Use crons instead");
  for (const group of job.TaskGroups)
    for (const task of group.Tasks)
      if (task.Resources.MemoryMaxMB !== 0)
        warnings.push(
          `Memory oversubscription is not enabled; Task "${group.Name}.${task.Name}" memory_max value will be ignored. Update the Scheduler Configuration to allow oversubscription.`,
        );
  return warnings;
}

function shutdownWarnings(group: TaskGroup): string[] {
  const warnings: string[] = [];
  const services = group.Services ?? [];
  const referenced = new Set(services.map((service) => service.TaskName).filter((name) => name !== ""));
  for (const task of group.Tasks) {
    if (referenced.has(task.Name) && task.ShutdownDelay === 0)
      warnings.push(
        `group ${quote(group.Name)} references task ${quote(task.Name)} in a service definition, but the task has no shutdown_delay set`,
      );
    if (task.ShutdownDelay === 0 && task.Services)
      warnings.push(
        `task ${quote(task.Name)} in group ${quote(group.Name)} defines services, but has no shutdown_delay set`,
      );
  }
  const unscoped = services.some((service) => service.TaskName === "");
  if (unscoped && !(group.ShutdownDelay ?? 0) && group.Tasks.every((task) => task.ShutdownDelay === 0))
    warnings.push(
      `group ${quote(group.Name)} defines services, but neither the group nor any of its tasks have shutdown_delay set`,
    );
  return warnings;
}
