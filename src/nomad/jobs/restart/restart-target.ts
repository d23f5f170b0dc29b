import { Refusal } from "../../../api/errors/refusal.ts";
import type { Job } from "../../../endpoints/job.ts";
import { all } from "../../../text/words.ts";
import { isParent } from "../health/job-state.ts";

/** What of a job is to be restarted. */
export interface Target {
  readonly group?: string | undefined;
  readonly task?: string | undefined;
  readonly reschedule: boolean;
}

/**
 * The names of the groups that a restart is about; undefined for all of them.
 *
 * @throws Refusal where the job has no such group or task, or Nomad has no such restart; nothing has been sent by then.
 */
export function targetGroups(job: Job, { group, task, reschedule }: Target): string[] | undefined {
  if (isParent(job)) {
    throw new Refusal(
      `${job.ID} is ${job.Periodic ? "periodic" : "parameterized"}: it runs nothing itself, its children do: restart one of those (list_nomad_jobs prefix=${job.ID}/ include_children=true). Nothing was restarted.`,
    );
  }
  if (reschedule && task !== undefined) {
    throw new Refusal(
      "A task cannot be rescheduled by itself, only a whole allocation: leave out task or reschedule. Nothing was restarted.",
    );
  }
  if (reschedule && job.Type === "sysbatch") {
    throw new Refusal("Allocations of a sysbatch job cannot be rescheduled. Nothing was restarted.");
  }
  const groups = job.TaskGroups ?? [];
  const named = group === undefined ? groups : groups.filter(({ Name }) => Name === group);
  if (group !== undefined && named.length === 0) {
    throw new Refusal(
      `${job.ID} has no group ${group}: it has ${all(groups.map(({ Name }) => Name))}. Nothing was restarted.`,
    );
  }
  if (task === undefined) return group === undefined ? undefined : [group];
  const having = named.filter(({ Tasks }) => Tasks?.some(({ Name }) => Name === task));
  if (having.length > 0) return having.map(({ Name }) => Name);
  const tasks = named.map(({ Name, Tasks }) => `${Name} has ${all((Tasks ?? []).map((each) => each.Name))}`);
  throw new Refusal(
    `${job.ID} has no task ${task}${group === undefined ? "" : ` in group ${group}`}: ${all(tasks)}. Nothing was restarted.`,
  );
}
