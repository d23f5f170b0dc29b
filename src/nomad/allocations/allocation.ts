import { NomadError } from "../../api/errors/errors.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { type Allocation, type AllocationStub, allocations, type TaskState } from "../../endpoints/allocations.ts";
import type { Task } from "../../endpoints/job.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { ago, fromGoTime, fromNanoseconds, span } from "../../text/time.ts";
import { all, short } from "../../text/words.ts";
import { exactId, inItsNamespace } from "../shared/exact-id.ts";
import { orOtherKind } from "../shared/other-kind.ts";
import { allocationId } from "./find.ts";
import { eventPhrase, taskTrouble } from "./task-trouble.ts";

/** An allocation and the client bound to its namespace. */
export interface FoundAllocation {
  readonly nomad: NomadClient;
  readonly allocation: Allocation;
}

/**
 * Reads an allocation by 8 or more characters of its id, in whatever namespace it is. Its job and group must be those
 * given, where they are.
 *
 * @throws Refusal where there is none, where several begin so, or where it is another job's or group's.
 */
export async function readAllocation(
  nomad: NomadClient,
  given: string,
  asked: { readonly job_id?: string | undefined; readonly group?: string | undefined } = {},
): Promise<FoundAllocation> {
  const id = await allocationId(nomad, given);
  const allocation = await readExact(nomad, id);
  const { JobID: job, TaskGroup: group } = allocation;
  if (asked.job_id !== undefined && asked.job_id !== job) {
    throw new Refusal(`Allocation ${given} belongs to job ${job}, not to ${asked.job_id}: give one of the two.`);
  }
  if (asked.group !== undefined && asked.group !== group) {
    throw new Refusal(`Allocation ${given} belongs to group ${group}, not to ${asked.group}: leave group out.`);
  }
  return { nomad: nomad.in(allocation.Namespace), allocation };
}

/**
 * The allocation that a write is about, by 8 or more characters of its id. `namespace`: the one that the call names.
 *
 * @throws Refusal where there is not exactly one, or it is in another namespace: nothing is changed by a guess.
 */
export async function exactAllocation(
  nomad: NomadClient,
  given: string,
  namespace: string | undefined,
): Promise<FoundAllocation> {
  const id = await exactId(nomad, allocations, given, ({ Name }) => Name);
  const allocation = await orOtherKind(nomad, id, "allocation", nomad.get(allocations.get, { allocation_id: id }));
  const what = `Allocation ${short(id)} of ${allocation.JobID}`;
  return { nomad: inItsNamespace(nomad, what, allocation.Namespace, namespace), allocation: filled(allocation) };
}

async function readExact(nomad: NomadClient, id: string): Promise<Allocation> {
  try {
    return filled(await nomad.get(allocations.get, { allocation_id: id }));
  } catch (error) {
    // Nomad hides an allocation that the token may not see behind "Unknown allocation" (recorded surprise 5).
    if (!(error instanceof NomadError) || error.kind !== "not_found") throw error;
    throw new Refusal(
      `There is no allocation ${id} that this token can see. Nomad forgets ended ones after a while; job_id= shows those that there are.`,
    );
  }
}

/** Read singly, an allocation lacks what is empty, and the version and type of its job stand in the job. */
function filled(read: Allocation): Allocation {
  return {
    ...read,
    JobVersion: read.Job?.Version ?? read.JobVersion,
    JobType: read.Job?.Type ?? read.JobType,
    NextAllocation: read.NextAllocation ?? "",
    PreviousAllocation: read.PreviousAllocation ?? "",
    FollowupEvalID: read.FollowupEvalID ?? "",
    DesiredDescription: read.DesiredDescription ?? "",
  };
}

/** An allocation as a list has it, with its job where it was read by itself. */
export type ToldAllocation = AllocationStub & Partial<Pick<Allocation, "Job">>;

/** The tasks of an allocation, as its version of the job has them; none of a row of a list. */
export function tasksOf({ Job: job, TaskGroup: group }: ToldAllocation): readonly Task[] {
  return job?.TaskGroups?.find(({ Name }) => Name === group)?.Tasks ?? [];
}

/** How a task stands, as a phrase: "running for 5m", "failed 12s ago: exits with code 1, 3 times in 4s". */
export function taskPhrase(state: TaskState, now: number): string {
  const trouble = taskTrouble(state, now);
  const what = trouble && [trouble.what, trouble.times].filter(Boolean).join(", ");
  const started = fromGoTime(state.StartedAt);
  if (state.State === "running") {
    const running = `running for ${span(now - (started ?? now))}`;
    return trouble ? `${running} after failures: ${what} (${ago(trouble.at, now)})` : running;
  }
  if (state.State === "pending") {
    if (trouble === undefined) return started === undefined ? "not started" : "starting again";
    const wait = trouble.retryAt !== undefined && trouble.retryAt > now;
    return `${what}; ${wait ? `next start in ${span(trouble.retryAt - now)}` : "starting again"}`;
  }
  const ended = fromGoTime(state.FinishedAt);
  const since = ended === undefined ? "" : ` ${ago(ended, now)}`;
  if (!state.Failed || trouble === undefined) return `${state.Failed ? "failed" : "ended"}${since}`;
  const given = trouble.givenUp ? ` (${trouble.givenUp})` : "";
  return `failed${since}: ${what}${given}`;
}

/** Why a task has not started yet, as a clause: "it waits for prestart task init, running for 5m". */
export function whyNotStarted(allocation: ToldAllocation, task: string, now: number): string {
  const states = allocation.TaskStates ?? {};
  const state = states[task];
  const created = fromNanoseconds(allocation.CreateTime) ?? now;
  if (state === undefined || Object.keys(states).length === 0) {
    return `node ${allocation.NodeName} has not taken the allocation yet (placed ${ago(created, now)})`;
  }
  const trouble = taskTrouble(state, now);
  if (trouble !== undefined) return `it ${trouble.what}`;
  if (state.State === "dead") return "it ended without having been started";
  const before = tasksOf(allocation).filter(({ Name, Lifecycle }) => Name !== task && Lifecycle?.Hook === "prestart");
  const awaited = before.filter(({ Name, Lifecycle }) => {
    const other = states[Name];
    return Lifecycle?.Sidecar ? other?.StartedAt == null : other?.State !== "dead";
  });
  const own = tasksOf(allocation).find(({ Name }) => Name === task)?.Lifecycle?.Hook;
  if (own === "poststop") return "it runs after the main tasks have ended";
  if (own !== "prestart" && awaited.length > 0) {
    const names = awaited.map(
      ({ Name }) => `${Name} (${states[Name] ? taskPhrase(states[Name], now) : "not started"})`,
    );
    return `it waits for prestart task ${all(names)}`;
  }
  if (own === "poststart") return "it waits for the main tasks to run";
  const last = state.Events?.at(-1);
  return last === undefined
    ? "nothing has happened to it yet"
    : `the last of it is ${eventPhrase(last) ?? last.Type}, ${ago(fromNanoseconds(last.Time) ?? now, now)}`;
}
