import { Refusal } from "../../../api/errors/refusal.ts";
import { literal } from "../../../api/request/path.ts";
import { type Allocation, allocations } from "../../../endpoints/allocations.ts";
import type { Task } from "../../../endpoints/job.ts";
import { jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { Answer } from "../../../text/answer.ts";
import { short } from "../../../text/words.ts";
import { exactAllocation } from "../../allocations/allocation.ts";
import { ranAnswer, toldLost } from "../../allocations/exec/exec-text.ts";
import { Written } from "../../allocations/exec/output.ts";
import { runIn } from "../../allocations/exec/run.ts";
import { runningTask } from "../../allocations/exec/task.ts";
import { unchanged } from "../../shared/exact-id.ts";
import { showStep } from "../../shared/next-step.ts";
import { exactJob } from "../find.ts";
import { type Action, type AskedAction, actionIn, actionOf } from "./find-action.ts";

/** An action that can be run now, and where. */
export interface ReadyAction {
  readonly nomad: NomadClient;
  readonly allocation: Allocation;
  readonly task: Task;
  readonly action: Action;
}

/**
 * Finds an action of a job and where to run it: in the allocation that is named, else in the newest that runs.
 *
 * @throws Refusal where there is no such action, or nothing runs in which it could.
 */
export async function readyAction(
  given: NomadClient,
  job_id: string,
  asked: AskedAction & { readonly allocation_id?: string | undefined },
): Promise<ReadyAction> {
  const { nomad, id } = await exactJob(given, job_id);
  const meant = actionOf(await nomad.get(jobs.get, { job_id: id }), asked);
  const { allocation } = await exactAllocation(
    nomad,
    asked.allocation_id ?? (await newest(nomad, id, meant.group)),
    undefined,
  );
  const { ID, JobID, Namespace, TaskGroup } = allocation;
  if (JobID !== id || Namespace !== nomad.namespace || TaskGroup !== meant.group) {
    throw new Refusal(`Allocation ${short(ID)} is not of group ${meant.group} of job ${id}. ${unchanged}`);
  }
  const task = runningTask(nomad, allocation, meant.task);
  return { nomad, allocation, task, action: actionIn(allocation, meant) };
}

async function newest(nomad: NomadClient, job: string, group: string): Promise<string> {
  const of = `JobID == ${literal(job)} and TaskGroup == ${literal(group)}`;
  const filter = `${of} and ClientStatus == "running" and DesiredStatus == "run"`;
  const query = { ...allocations.slim, filter, reverse: true, per_page: 1 };
  const [first] = (await nomad.list(allocations.list, query)).items;
  if (first !== undefined) return first.ID;
  throw new Refusal(
    `Actions run in what runs, and of group ${group} of job ${job} nothing does. ${unchanged}\nNext: ${showStep(nomad, "job", job)} says why`,
  );
}

/**
 * Runs an action, once, and tells what it wrote and how it ended. `chosen`: the allocation was not named.
 *
 * @throws Refusal where the connection is lost: that it may have happened.
 */
export async function runAction(
  { nomad, allocation, task, action }: ReadyAction,
  { until, budget, chosen }: { readonly until: number; readonly budget: number; readonly chosen: boolean },
): Promise<Answer> {
  const { ID, JobID } = allocation;
  const { name, group } = action;
  const told = { what: `Action ${name}`, allocation, task, budget };
  const written = { stdout: new Written(), stderr: new Written() };
  const args = { job_id: JobID, action: name, task: task.Name, group, allocID: ID, tty: false };
  try {
    const ran = await runIn(nomad, jobs.runAction, args, { stdin: undefined, until }, written);
    const { details = [], ...answer } = ranAnswer(nomad, told, ran);
    const where = chosen && "It ran in the newest allocation that runs; allocation_id= names another.";
    return { ...answer, details: [...details, where] };
  } catch (error) {
    return toldLost(nomad, told, written, error);
  }
}
