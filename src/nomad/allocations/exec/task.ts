import { Refusal } from "../../../api/errors/refusal.ts";
import type { Allocation } from "../../../endpoints/allocations.ts";
import type { Task } from "../../../endpoints/job.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { all } from "../../../text/words.ts";
import { isRunning } from "../../jobs/restart/restarted.ts";
import { unchanged } from "../../shared/exact-id.ts";
import { taskPhrase, tasksOf } from "../allocation.ts";
import { allocationVerdict } from "../allocation-verdict.ts";
import { called } from "../words.ts";

/**
 * The task in which a command is to run: the one that is named, else the only one that runs.
 *
 * @throws Refusal where it does not run, or several do and none is named.
 */
export function runningTask(nomad: NomadClient, allocation: Allocation, asked: string | undefined): Task {
  const { JobID, TaskStates } = allocation;
  const name = `${called(allocation)} of ${JobID}`;
  if (!isRunning(allocation)) {
    const { sentence } = allocationVerdict(allocation, nomad.now());
    throw new Refusal(`Commands run only in what runs, and ${name} ${sentence}. ${unchanged}`);
  }
  const tasks = tasksOf(allocation);
  const running = tasks.filter(({ Name }) => TaskStates?.[Name]?.State === "running");
  const [only, ...others] = running;
  if (asked === undefined) {
    if (only !== undefined && others.length === 0) return only;
    const names = running.map(({ Name }) => Name);
    throw new Refusal(
      only === undefined
        ? `No task of ${name} runs. ${unchanged}`
        : `Several tasks of ${name} run: say which with task=, ${all(names, "or")}. ${unchanged}`,
    );
  }
  const task = tasks.find(({ Name }) => Name === asked);
  if (task === undefined) {
    const names = tasks.map(({ Name }) => Name);
    throw new Refusal(`${name} has no task ${asked}: it has ${all(names)}. ${unchanged}`);
  }
  const state = TaskStates?.[asked];
  if (state?.State === "running") return task;
  const how = state === undefined ? "not started" : taskPhrase(state, nomad.now());
  throw new Refusal(`Task ${asked} of ${name} does not run (${how}). ${unchanged}`);
}
