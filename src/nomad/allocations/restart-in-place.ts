import { Refusal } from "../../api/errors/refusal.ts";
import { type Allocation, allocations } from "../../endpoints/allocations.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { span } from "../../text/time.ts";
import { all, lines, short } from "../../text/words.ts";
import { lasting } from "../jobs/restart/restart.ts";
import { restartOne } from "../jobs/restart/restart-one.ts";
import { isRunning } from "../jobs/restart/restarted.ts";
import { unchanged } from "../shared/exact-id.ts";
import { ifOffered, showStep, toolCall, toolOrCommand } from "../shared/next-step.ts";
import type { Waiting } from "../shared/waiting.ts";
import { tasksOf } from "./allocation.ts";
import { allocationVerdict } from "./allocation-verdict.ts";
import { called } from "./words.ts";

/** What of an allocation is restarted. */
export interface Restart {
  readonly task: string | undefined;
  /** Also the tasks that have ended, such as those that prepare the others. */
  readonly allTasks: boolean;
}

/** A restart is sent even where its end is not waited for: that takes as long as the kill, ms. */
const sendTime = 10_000;

/**
 * Holds what is to be restarted against the allocation.
 *
 * @throws Refusal where it does not run, has no such task, or the task has ended: with what starts it again.
 */
export function requireRestartable(nomad: NomadClient, allocation: Allocation, { task, allTasks }: Restart): void {
  const { ID, JobID, TaskStates } = allocation;
  const name = `${called(allocation)} of ${JobID}`;
  if (task !== undefined && allTasks) {
    throw new Refusal(`Leave out task or all_tasks: one of them says what is restarted. ${unchanged}`);
  }
  if (!isRunning(allocation)) {
    const call = ["force_evaluate_job", { job_id: JobID, reschedule: true }] as const;
    const again = toolOrCommand(nomad, call, ["job eval", "-force-reschedule", JobID]);
    const { sentence, trouble } = allocationVerdict(allocation, nomad.now());
    throw new Refusal(
      lines(
        `Only an allocation that runs is restarted, and ${name} ${sentence}. ${unchanged}`,
        trouble && `Next: ${again} has the scheduler place what failed again`,
      ),
    );
  }
  if (task === undefined) return;
  const names = tasksOf(allocation).map(({ Name }) => Name);
  if (!names.includes(task)) {
    throw new Refusal(`${name} has no task ${task}: it has ${all(names)}. ${unchanged}`);
  }
  if (TaskStates?.[task]?.State === "running") return;
  const whole = toolCall(nomad, "restart_allocation", { allocation_id: short(ID), all_tasks: true });
  throw new Refusal(
    lines(
      `Task ${task} of ${name} does not run. ${unchanged}`,
      `Next: ${ifOffered("restart_allocation", whole, `nomad alloc restart -all-tasks ${short(ID)}`)} restarts all of its tasks, the ended ones, too`,
    ),
  );
}

/** "task server of", "all tasks of", or nothing */
export const restartedPart = ({ task, allTasks }: Restart) =>
  task !== undefined ? `task ${task} of ` : allTasks ? "all tasks of " : "";

/**
 * Restarts an allocation where it is, once, waits until it runs again, and looks for a moment whether it goes on to.
 *
 * @throws Refusal where Nomad refuses it.
 */
export async function restartInPlace(
  nomad: NomadClient,
  allocation: Allocation,
  restart: Restart,
  { until, report }: Waiting,
): Promise<Answer> {
  requireRestartable(nomad, allocation, restart);
  const { ID, JobID, Namespace } = allocation;
  const name = `${restartedPart(restart)}${called(allocation)} of ${JobID}`;
  report(`restarting ${name}`);
  const began = nomad.now();
  const limit = AbortSignal.timeout(Math.max(until - Date.now(), sendTime));
  const limited = nomad.within(limit);
  const result = await restartOne(limited, allocation, { ...restart, replaced: undefined, until });
  const took = span(nomad.now() - began);
  const look = showStep(nomad, "allocation", short(ID));
  const data = { allocation_id: ID, job_id: JobID, namespace: Namespace, result: result.kind };
  const said = `${name} restarted (namespace ${Namespace})`;
  switch (result.kind) {
    case "gone":
      throw new Refusal(`${name} ended just now. ${unchanged}\nNext: ${look} says how`);
    case "unconfirmed":
      return { headline: `${said}, not confirmed: ${result.why}`, next: [`${look} says how it is`], data };
    case "failed":
      if (result.unsent) throw new Refusal(`${name}: ${result.why}. ${unchanged}\nNext: ${look} says how it is`);
      return { headline: `${said}; ${result.why}`, next: failedSteps(nomad, ID, look), data };
    case "back": {
      const fallen = await lasting(limited, [result], until);
      if (fallen !== undefined) {
        const failed = { ...data, result: "failed" };
        const why = fallen.seen && result.failed(fallen.seen);
        const headline = `${said}; it ran again, and then ${why ?? "was gone"}`;
        return { headline, next: failedSteps(nomad, ID, look), data: failed };
      }
      const { sentence } = allocationVerdict(await nomad.get(allocations.get, { allocation_id: ID }), nomad.now());
      return { headline: `${said}; it ${sentence} after ${took}`, data };
    }
  }
}

function failedSteps(nomad: NomadClient, id: string, look: string): string[] {
  const logs = toolCall(nomad, "get_job_logs", { allocation_id: short(id) });
  return [ifOffered("get_job_logs", logs, `nomad alloc logs -stderr ${short(id)}`), `${look} says how it is`];
}
