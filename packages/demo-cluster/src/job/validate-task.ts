import { goDuration } from "../gotime.ts";
import type { Task, TaskGroup } from "../state/job-types.ts";
import { checkAffinities, checkConstraints, nested } from "./validate-parts.ts";
import { checkTaskServices } from "./validate-services.ts";

/** What is wrong with a task. */
export function checkTask(task: Task, type: string, group: TaskGroup): string[] {
  const errors: string[] = [];
  const { CPU, Cores, MemoryMB, MemoryMaxMB, DiskMB } = task.Resources;
  if (task.Name === "") errors.push("Missing task name");
  if (task.Name === "alloc") errors.push('Task cannot be named "alloc"');
  if (/[/\\]/.test(task.Name)) errors.push("Task name cannot include slashes");
  if (task.Driver === "") errors.push("Missing task driver");
  const progress = group.Update?.ProgressDeadline ?? 0;
  if (task.KillTimeout < 0) errors.push("KillTimeout must be a positive value");
  else if (type === "service" && progress > 0 && task.KillTimeout > progress)
    errors.push(
      `KillTimout (${goDuration(task.KillTimeout)}) longer than the group's ProgressDeadline (${goDuration(progress)})`,
    );
  if (task.ShutdownDelay < 0) errors.push("ShutdownDelay must be a positive value");
  const resources: string[] = [];
  if (Cores > 0 && CPU > 0) resources.push("Task can only ask for 'cpu' or 'cores' resource, not both.");
  const least: string[] = [];
  if (CPU < 1 && Cores === 0) least.push(`minimum CPU value is 1; got ${CPU}`);
  if (MemoryMB < 10) least.push(`minimum MemoryMB value is 10; got ${MemoryMB}`);
  resources.push(...nested("", least));
  if (DiskMB > 0)
    resources.push("Task can't ask for disk resources, they have to be specified at the task group level.");
  if (MemoryMaxMB > 0 && MemoryMaxMB < MemoryMB)
    resources.push(`MemoryMaxMB value (${MemoryMaxMB}) should be larger than MemoryMB value (${MemoryMB})`);
  errors.push(...nested("", resources));
  const logs: string[] = [];
  const { MaxFiles, MaxFileSizeMB } = task.LogConfig;
  if (MaxFiles < 1) logs.push(`minimum number of files is 1; got ${MaxFiles}`);
  if (MaxFileSizeMB < 1) logs.push(`minimum file size is 1MB; got ${MaxFileSizeMB}`);
  if (group.EphemeralDisk.SizeMB <= MaxFiles * MaxFileSizeMB)
    logs.push(
      `log storage (${MaxFiles * MaxFileSizeMB} MB) must be less than requested disk capacity (${group.EphemeralDisk.SizeMB} MB)`,
    );
  errors.push(...nested("", logs), ...checkConstraints(task.Constraints), ...checkAffinities(task.Affinities));
  errors.push(...nested("", checkTaskServices(task, group)), ...checkArtifacts(task), ...checkTemplates(task));
  const hook = task.Lifecycle?.Hook;
  if (hook === "") errors.push("Lifecycle validation failed: no lifecycle hook provided");
  else if (hook !== undefined && !["prestart", "poststart", "poststop"].includes(hook))
    errors.push(`Lifecycle validation failed: invalid hook: ${hook}`);
  for (const [at, mount] of (task.VolumeMounts ?? []).entries())
    if (!group.Volumes?.[mount.Volume]) errors.push(`Volume Mount (${at}) references undefined volume ${mount.Volume}`);
  return errors;
}

function checkArtifacts(task: Task): string[] {
  return (task.Artifacts ?? []).flatMap(({ GetterSource }, at) =>
    nested(`Artifact ${at + 1} validation failed: `, GetterSource ? [] : ["source must be specified"]),
  );
}

function checkTemplates(task: Task): string[] {
  return (task.Templates ?? []).flatMap((template, at) => {
    const errors: string[] = [];
    if (template.SourcePath === "" && template.EmbeddedTmpl === "")
      errors.push("Must specify a source path or have an embedded template");
    if (template.DestPath === "") errors.push("Must specify a destination for the template");
    return nested(`Template ${at + 1} validation failed: `, errors);
  });
}
