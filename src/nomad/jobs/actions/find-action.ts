import { Refusal } from "../../../api/errors/refusal.ts";
import type { Allocation } from "../../../endpoints/allocations.ts";
import type { Job, Task } from "../../../endpoints/job.ts";
import { all, some } from "../../../text/words.ts";
import { tasksOf } from "../../allocations/allocation.ts";
import { commandLine } from "../../allocations/exec/words.ts";
import { unchanged } from "../../shared/exact-id.ts";

/** Which action is meant. */
export interface AskedAction {
  readonly action: string;
  readonly group?: string | undefined;
  readonly task?: string | undefined;
}

/** An action of a job, and where it runs. */
export interface Action {
  readonly name: string;
  readonly group: string;
  readonly task: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
}

/** So many are named where none is found. */
const mostNamed = 20;

/**
 * The action of a job that is meant.
 *
 * @throws Refusal where there is none, with those that there are, or where several are called so.
 */
export function actionOf(job: Job, { action, group, task }: AskedAction): Action {
  const every = (job.TaskGroups ?? []).flatMap(({ Name, Tasks }) => actionsIn(Name, Tasks ?? []));
  const [only, ...others] = every.filter(
    (each) => each.name === action && each.group === (group ?? each.group) && each.task === (task ?? each.task),
  );
  if (only === undefined) {
    const there = every.map((each) => `${each.name} (task ${each.task}: ${commandLine(each.command)})`);
    throw new Refusal(
      every.length === 0
        ? `Job ${job.ID} has no actions: its author has named no commands. ${unchanged}`
        : `Job ${job.ID} has no action ${action}${task === undefined ? "" : ` in task ${task}`}: it has ${some(there, mostNamed)}. ${unchanged}`,
    );
  }
  if (others.length === 0) return only;
  const places = [only, ...others].map((each) => `group=${each.group} task=${each.task}`);
  throw new Refusal(
    `Several tasks of job ${job.ID} have an action ${action}: say which, ${all(places, "or")}. ${unchanged}`,
  );
}

/**
 * The same action as the version has it that an allocation runs, which is what Nomad runs there.
 *
 * @throws Refusal where that has none.
 */
export function actionIn(allocation: Allocation, { name, task }: Action): Action {
  const { TaskGroup: group, JobID, JobVersion } = allocation;
  const found = actionsIn(group, tasksOf(allocation)).find((each) => each.name === name && each.task === task);
  if (found !== undefined) return found;
  throw new Refusal(
    `Task ${task} has no action ${name} in version ${JobVersion} of ${JobID}, which runs there. ${unchanged}`,
  );
}

function actionsIn(group: string, tasks: readonly Task[]): Action[] {
  return tasks.flatMap(({ Name: task, Actions }) =>
    (Actions ?? []).map(({ Name: name, Command, Args }) => ({
      name,
      group,
      task,
      command: [Command, ...(Args ?? [])],
    })),
  );
}
