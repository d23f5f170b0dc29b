import { NomadError } from "../../../api/errors/errors.ts";
import { explain } from "../../../api/errors/explain.ts";
import { type AllocationStub, allocations, type TaskState } from "../../../endpoints/allocations.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { fromGoTime } from "../../../text/time.ts";
import { firstLine } from "../../../text/words.ts";
import { replace } from "./replace.ts";
import {
  failure,
  isRunning,
  type Manner,
  notSeen,
  type Restarted,
  readAllocation,
  type Sent,
  watchAllocation,
} from "./restarted.ts";

/** Restarts one allocation, once, and waits until it runs again. Faults of Nomad are results, none is thrown. */
export async function restartOne(nomad: NomadClient, stub: AllocationStub, manner: Manner): Promise<Restarted> {
  const sent = { done: false };
  try {
    const { replaced, until } = manner;
    return await (replaced ? replace(nomad, stub, replaced, until, sent) : restart(nomad, stub, manner, sent));
  } catch (error) {
    if (!(error instanceof NomadError)) throw error;
    const why = firstLine(explain(error));
    if (!sent.done && !error.mayHaveHappened)
      return { kind: "failed", why: `it was not restarted: ${why}`, unsent: true };
    return { kind: "unconfirmed", why: error.kind === "cancelled" ? notSeen : why };
  }
}

/**
 * In place. The request is answered when the tasks were killed, and for a while afterwards Nomad still tells of the run
 * before (nomad-observed.md §4), so it is over only when every task has a later StartedAt.
 */
async function restart(nomad: NomadClient, { ID }: AllocationStub, manner: Manner, sent: Sent): Promise<Restarted> {
  const next = watchAllocation(nomad, ID, manner.until);
  const before = (await next()) ?? (await readAllocation(nomad, ID));
  if (!isRunning(before)) return { kind: "gone" };
  const told = Object.entries(before.TaskStates ?? {}).filter(
    ([, { State }]) => State === "running" || (manner.allTasks && State === "dead"),
  );
  const names = manner.task === undefined ? told.map(([name]) => name) : [manner.task];
  const body = manner.allTasks ? { AllTasks: true } : manner.task === undefined ? {} : { TaskName: manner.task };
  await nomad.write(allocations.restart, { allocation_id: ID }, body);
  sent.done = true;
  const failed = (now: AllocationStub) => failure(now, before, nomad.now());
  for (;;) {
    const now = await next();
    if (now === undefined) return { kind: "unconfirmed", why: notSeen };
    const why = failed(now);
    if (why !== undefined) return { kind: "failed", why, seen: now };
    if (names.every((name) => startedLater(now.TaskStates?.[name], before.TaskStates?.[name]))) {
      return { kind: "back", id: ID, failed };
    }
  }
}

function startedLater(now: TaskState | undefined, before: TaskState | undefined): boolean {
  // What had ended before may end again at once, as a task that prepares the others does.
  if (now?.State !== "running" && before?.State !== "dead") return false;
  return (fromGoTime(now?.StartedAt) ?? 0) > (fromGoTime(before?.StartedAt) ?? 0);
}
