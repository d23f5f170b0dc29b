import { type Allocation, type AllocationStub, allocations, type TaskState } from "../../../endpoints/allocations.ts";
import type { Job } from "../../../endpoints/job.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { fromNanoseconds } from "../../../text/time.ts";
import { taskTrouble } from "../../allocations/task-trouble.ts";
import { hasEnded } from "../../allocations/words.ts";
import { changes } from "../../shared/changes.ts";

/** What became of one allocation that was to be restarted. */
export type Restarted =
  /** It runs again, itself or as its replacement. `failed` tells of a later state of it why it does not any more. */
  | { readonly kind: "back"; readonly id: string; readonly failed: (now: AllocationStub) => string | undefined }
  /** It had ended before its turn, so nothing was sent. */
  | { readonly kind: "gone" }
  /** It was not restarted, or does not run since. `seen`: the allocation that failed, as it was then; `unsent`: Nomad refused. */
  | { readonly kind: "failed"; readonly why: string; readonly seen?: AllocationStub; readonly unsent?: true }
  /** The restart was sent, and its end was not seen. */
  | { readonly kind: "unconfirmed"; readonly why: string };

/** How an allocation is restarted. */
export interface Manner {
  /** One task instead of all that run. */
  readonly task: string | undefined;
  /** Those that have ended, too. */
  readonly allTasks?: boolean;
  /** Its job, where it is stopped and placed anew instead of restarted where it is. */
  readonly replaced: Job | undefined;
  /** Until when its end is waited for, ms, by this machine's clock; the client's requests end by then. */
  readonly until: number;
}

/** Whether the restart of an allocation has been sent, which is to be known where what comes after it fails. */
export interface Sent {
  done: boolean;
}

/** Why a restart is not confirmed, as a rule. */
export const notSeen = "the time was over before it ran again";

/** An allocation as it is and after each change, until the time is over, as {@link changes} does it. */
export function watchAllocation(nomad: NomadClient, id: string, until: number): () => Promise<Allocation | undefined> {
  const next = changes(nomad, allocations.get, { allocation_id: id }, until);
  return async () => {
    const read = await next();
    return read && filled(read);
  };
}

export async function readAllocation(nomad: NomadClient, id: string): Promise<Allocation> {
  return filled(await nomad.get(allocations.get, { allocation_id: id }));
}

/** Read singly, an allocation lacks what is empty, and the version and type of its job stand in the job. */
function filled(read: Allocation): Allocation {
  return {
    ...read,
    JobVersion: read.Job?.Version ?? read.JobVersion,
    JobType: read.Job?.Type ?? read.JobType,
    NextAllocation: read.NextAllocation || "",
    FollowupEvalID: read.FollowupEvalID || "",
  };
}

/** True for what a restart is for (nomad-api.md §4.2). */
export function isRunning({ ClientStatus, DesiredStatus, NextAllocation }: AllocationStub): boolean {
  return ClientStatus === "running" && DesiredStatus === "run" && NextAllocation === "";
}

/** Why an allocation does not run although it should; of what failed after `before` was seen, where that is given. */
export function failure(now: AllocationStub, before: AllocationStub | undefined, time: number): string | undefined {
  for (const [name, state] of Object.entries(now.TaskStates ?? {})) {
    const trouble = taskTrouble(state, time);
    if (trouble !== undefined && trouble.at > lastEvent(before?.TaskStates?.[name]))
      return `task ${name} ${trouble.what}`;
  }
  if (!hasEnded(now)) return undefined;
  return now.DesiredStatus === "run" ? `it is ${now.ClientStatus} now` : "it was stopped by something else";
}

/** When the last thing happened to a task, ms. */
function lastEvent(state: TaskState | undefined): number {
  return fromNanoseconds(state?.Events?.at(-1)?.Time) ?? 0;
}
