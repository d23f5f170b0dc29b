import type { JobSpec } from "../file/job-json.ts";
import { isObject } from "../file/job-json.ts";
import { structLines } from "./spec-lines.ts";
import { indented } from "./spec-values.ts";

/** The keys of a job, its groups and its tasks that a section tells of. */
interface Section {
  readonly job?: readonly string[];
  readonly group?: readonly string[];
  readonly task?: readonly string[];
}

const identity = ["Vault", "Consul", "Secrets", "Identity", "Identities"];
const placement = ["Constraints", "Affinities", "Spreads"];

const sections = {
  networking: { group: ["Networks"], task: [] },
  resources: { group: ["EphemeralDisk", "Scaling"], task: ["Resources", "ScalingPolicies"] },
  config: {
    job: ["Periodic", "ParameterizedJob", "AllAtOnce", "Priority", "UI"],
    group: ["ShutdownDelay", "MaxRunDuration"],
    task: [
      ...["Driver", "User", "Lifecycle", "Leader", "Config", "KillTimeout", "KillSignal", "ShutdownDelay", "LogConfig"],
      ...["DispatchPayload", "CSIPluginConfig", "Kind", "Actions", "Schedule"],
    ],
  },
  env: { job: ["Meta"], group: ["Meta"], task: ["Env", "Meta"] },
  templates: { group: ["Consul"], task: ["Templates", "Artifacts", ...identity] },
  services: { group: ["Services"], task: ["Services"] },
  volumes: { group: ["Volumes", "EphemeralDisk"], task: ["VolumeMounts"] },
  constraints: { job: ["Region", "Datacenters", "NodePool", ...placement], group: placement, task: placement },
  update: {
    job: ["Multiregion"],
    group: [
      ...["Update", "RestartPolicy", "ReschedulePolicy", "Migrate", "Disconnect", "StopAfterClientDisconnect"],
      ...["MaxClientDisconnect", "PreventRescheduleOnLost", "ShutdownDelay", "Scaling"],
    ],
    task: ["RestartPolicy", "KillTimeout", "ShutdownDelay"],
  },
} satisfies Record<string, Section>;

/** What of a job can be asked for by itself. */
export type SectionName = keyof typeof sections;

export const sectionNames = Object.keys(sections).filter((name): name is SectionName => name in sections);

/** A part of a job: one section of it or all, of all its groups or of one, of all their tasks or of one. */
export interface Wanted {
  readonly section: SectionName | "all";
  readonly group?: string | undefined;
  readonly task?: string | undefined;
}

/** What a section says, as lines; none where it holds nothing but Nomad's defaults. */
export function sectionLines(job: JobSpec, wanted: Wanted): string[] {
  const section: Section | undefined = wanted.section === "all" ? undefined : sections[wanted.section];
  const type = String(job.Type);
  const pick = (keys: readonly string[] | undefined) => (section === undefined ? undefined : new Set(keys ?? []));
  const narrowed = wanted.group !== undefined || wanted.task !== undefined;
  const ofJob = narrowed ? [] : structLines(job, "Job", type, pick(section?.job));
  const ofGroups = groupsOf(job, wanted).flatMap(({ group, tasks }) => {
    const ofGroup = wanted.task === undefined ? structLines(group, "TaskGroup", type, pick(section?.group)) : [];
    const ofTasks = tasks.flatMap((task) => {
      // A task has the policy of its group where it has none of its own.
      const own = sameRestart(group, task) ? { ...task, RestartPolicy: null } : task;
      const lines = structLines(own, "Task", type, pick(section?.task));
      return lines.length === 0 ? [] : [`task ${String(task.Name)}:`, ...indented(lines)];
    });
    const inside = [...ofGroup, ...ofTasks];
    return inside.length === 0 ? [] : [groupHead(group, type, true), ...indented(inside)];
  });
  return [...ofJob, ...ofGroups];
}

/** Whether a task restarts as its group says. */
export const sameRestart = (group: JobSpec, task: JobSpec) =>
  JSON.stringify(group.RestartPolicy) === JSON.stringify(task.RestartPolicy);

/** "group api, count 3:". System jobs run on every node that fits, whatever count is written. */
export function groupHead(group: JobSpec, jobType: string, colon: boolean): string {
  const count = jobType === "system" || jobType === "sysbatch" ? "" : `, count ${group.Count}`;
  return `group ${String(group.Name)}${count}${colon ? ":" : ""}`;
}

/** The groups that are wanted, each with the tasks that are. */
export function groupsOf(
  job: JobSpec,
  { group, task }: Pick<Wanted, "group" | "task">,
): { readonly group: JobSpec; readonly tasks: readonly JobSpec[] }[] {
  return objectsIn(job.TaskGroups)
    .filter(({ Name }) => group === undefined || Name === group)
    .map((each) => ({
      group: each,
      tasks: objectsIn(each.Tasks).filter(({ Name }) => task === undefined || Name === task),
    }))
    .filter(({ tasks }) => task === undefined || tasks.length > 0);
}

export function objectsIn(value: unknown): JobSpec[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
