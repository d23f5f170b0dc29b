import { Refusal } from "../../api/errors/refusal.ts";
import { type Allocation, allocations } from "../../endpoints/allocations.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { all, short } from "../../text/words.ts";
import { isRunning } from "../jobs/restart/restarted.ts";
import { changes } from "../shared/changes.ts";
import { unchanged } from "../shared/exact-id.ts";
import { showStep } from "../shared/next-step.ts";
import { sendOnce } from "../shared/send-once.ts";
import type { Waiting } from "../shared/waiting.ts";
import { taskPhrase, tasksOf } from "./allocation.ts";
import { allocationVerdict } from "./allocation-verdict.ts";
import { isSignalOrder, lastOrder } from "./orders.ts";
import { called } from "./words.ts";

/** The signals that can be sent: Nomad takes any other word for SIGINT and says nothing of it. */
export const signals = ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGINT", "SIGQUIT", "SIGTERM", "SIGKILL"] as const;

/** What is sent, and to which task; undefined: to all that run. */
export interface Signal {
  readonly signal: (typeof signals)[number];
  readonly task: string | undefined;
}

/** @throws Refusal where the allocation does not run, or has no such task that does. */
export function requireSignalable(nomad: NomadClient, allocation: Allocation, task: string | undefined): void {
  const { JobID, TaskStates } = allocation;
  const name = `${called(allocation)} of ${JobID}`;
  if (!isRunning(allocation)) {
    const { sentence } = allocationVerdict(allocation, nomad.now());
    throw new Refusal(`Only what runs gets a signal, and ${name} ${sentence}. ${unchanged}`);
  }
  if (task === undefined) return;
  const names = tasksOf(allocation).map(({ Name }) => Name);
  if (!names.includes(task)) throw new Refusal(`${name} has no task ${task}: it has ${all(names)}. ${unchanged}`);
  const state = TaskStates?.[task];
  if (state?.State === "running") return;
  const how = state === undefined ? "not started" : taskPhrase(state, nomad.now());
  throw new Refusal(`Task ${task} of ${name} does not run (${how}). ${unchanged}`);
}

/**
 * Sends a signal, once, and looks until the end of the time whether the tasks run on.
 *
 * @throws Refusal where a task that is to get it does not run; where the answer is lost, that it may have happened.
 */
export async function sendSignal(
  nomad: NomadClient,
  allocation: Allocation,
  { signal, task }: Signal,
  { until, report }: Waiting,
): Promise<Answer> {
  requireSignalable(nomad, allocation, task);
  const { ID, JobID, Namespace, TaskStates } = allocation;
  const look = showStep(nomad, "allocation", short(ID));
  const running = Object.keys(TaskStates ?? {}).filter((name) => TaskStates?.[name]?.State === "running");
  const sentTo = task === undefined ? running : [task];
  const write = () =>
    nomad.write(
      allocations.signal,
      { allocation_id: ID },
      { Signal: signal, ...(task !== undefined && { Task: task }) },
    );
  const seen = async () => {
    const now = await nomad.get(allocations.get, { allocation_id: ID });
    const arrived = wasSent(now, allocation);
    return `${arrived ? "the task got a signal" : "no event tells of a signal yet"}; ${stateOf(now, allocation, sentTo, nomad.now())}`;
  };
  await sendOnce(write, seen, look);
  const said = `${signal} sent to ${all(sentTo.map((name) => `task ${name}`))} of ${called(allocation)} of ${JobID} (namespace ${Namespace})`;
  report(said);
  const data = { allocation_id: ID, job_id: JobID, namespace: Namespace, signal, tasks: sentTo };
  const next = changes(nomad, allocations.get, { allocation_id: ID }, until);
  let last: Allocation | undefined;
  for (let now = await next(); now !== undefined; now = await next()) {
    last = now;
    if (wasSent(now, allocation) && !runsOn(now, allocation, sentTo)) break;
  }
  if (last === undefined) return { headline: `${said}; not looked at since`, next: [`${look} says how it is`], data };
  const lasts = runsOn(last, allocation, sentTo);
  return {
    headline: `${said}; ${stateOf(last, allocation, sentTo, nomad.now())}`,
    sections: [lasts && "What the program made of it, only its log can tell."],
    next: lasts ? [] : [`${look} says how it is`],
    data: { ...data, runs_on: lasts },
  };
}

/** Whether an event tells of a signal since. */
function wasSent(now: Allocation, before: Allocation): boolean {
  return lastOrder([now], isSignalOrder) > lastOrder([before], isSignalOrder);
}

/** Whether every task that got the signal is the one that was started before it. */
function runsOn(now: Allocation, before: Allocation, tasks: readonly string[]): boolean {
  return tasks.every((name) => taskRunsOn(now, before, name));
}

function taskRunsOn(now: Allocation, before: Allocation, task: string): boolean {
  const state = now.TaskStates?.[task];
  return state?.State === "running" && state.StartedAt === before.TaskStates?.[task]?.StartedAt;
}

/** "it is running for 5m", "server is running for 5m; side ended (starting again)". */
function stateOf(now: Allocation, before: Allocation, tasks: readonly string[], at: number): string {
  const told = tasks.map((name) => {
    const state = now.TaskStates?.[name];
    const who = tasks.length > 1 ? name : "it";
    if (state === undefined) return `${who} is not known any more`;
    const phrase = taskPhrase(state, at);
    return taskRunsOn(now, before, name) ? `${who} is ${phrase}` : `${who} ended (${phrase})`;
  });
  return told.join("; ");
}
