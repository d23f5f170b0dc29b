import type { Job, Spread, Task, TaskGroup } from "../../../endpoints/job.ts";
import type { TypedGroup, TypedJob, TypedTask } from "../file/typed-job.ts";

/**
 * Where a file differs from the job that is there in what Nomad's diff leaves out (nomad/structs/diff.go has none for these): "spread",
 * "group api > task server > lifecycle". The groups and tasks that only one of them has are in the diff.
 */
export function leftOutOfDiff(present: Job, job: TypedJob): string[] {
  const own = sameSpreads(present.Spreads, job.Spreads) ? [] : ["spread"];
  const groups = pairs(present.TaskGroups, job.TaskGroups).flatMap(([group, its]) => leftOutOfGroup(group, its));
  return [...own, ...groups];
}

function leftOutOfGroup(present: TaskGroup, group: TypedGroup): string[] {
  const at = `group ${group.Name}`;
  const own = sameSpreads(present.Spreads, group.Spreads) ? [] : [`${at} > spread`];
  const tasks = pairs(present.Tasks, group.Tasks).flatMap(([task, its]) =>
    leftOutOfTask(task, its, group).map((block) => `${at} > task ${its.Name} > ${block}`),
  );
  return [...own, ...tasks];
}

function leftOutOfTask(present: Task, task: TypedTask, group: TypedGroup): string[] {
  const [is, says] = [present.Lifecycle ?? undefined, task.Lifecycle];
  const lives = is?.Hook === says?.Hook && (is?.Sidecar ?? false) === (says?.Sidecar ?? false);
  return [...(lives ? [] : ["lifecycle"]), ...(sameRestart(present, task, group) ? [] : ["restart"])];
}

/** What a file does not say, its group says, and what neither does is up to Nomad. */
function sameRestart({ RestartPolicy: is }: Task, task: TypedTask, group: TypedGroup): boolean {
  const says = task.RestartPolicy ?? group.RestartPolicy;
  if (!is || says === undefined) return true;
  const keys = ["Attempts", "Interval", "Delay"] as const;
  return keys.every((key) => (says[key] ?? is[key]) === is[key]) && (says.Mode || is.Mode) === is.Mode;
}

function sameSpreads(is: readonly Spread[] | null | undefined, says: readonly Spread[]): boolean {
  return texts(is ?? []).join("\n") === texts(says).join("\n");
}

/** Their order says nothing. */
function texts(spreads: readonly Spread[]): string[] {
  return spreads
    .map(({ Attribute, Weight, SpreadTarget }) => {
      const targets = (SpreadTarget ?? []).map(({ Value, Percent }) => `${Value}=${Percent}`).sort();
      return [Attribute, Weight, ...targets].join(" ");
    })
    .sort();
}

/** What both have, by its name. */
function pairs<A extends { Name: string }, B extends { Name: string }>(
  present: readonly A[] | null,
  job: readonly B[],
): [A, B][] {
  return (present ?? []).flatMap((one): [A, B][] => {
    const other = job.find(({ Name }) => Name === one.Name);
    return other === undefined ? [] : [[one, other]];
  });
}
