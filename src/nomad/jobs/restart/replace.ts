import { literal } from "../../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import type { Evaluation } from "../../../endpoints/evaluations.ts";
import type { Job } from "../../../endpoints/job.ts";
import { jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { short } from "../../../text/words.ts";
import { hasEnded } from "../../allocations/words.ts";
import { processed } from "../../evaluations/follow.ts";
import { explainAll } from "../../evaluations/placement/placement.ts";
import { surroundings } from "../../evaluations/placement/surroundings.ts";
import { finishes, isSystem } from "../health/job-state.ts";
import {
  failure,
  isRunning,
  notSeen,
  type Restarted,
  readAllocation,
  type Sent,
  watchAllocation,
} from "./restarted.ts";

/** Replaces an allocation by stopping it, which has the scheduler place another one in its stead. */
export async function replace(
  nomad: NomadClient,
  stub: AllocationStub,
  job: Job,
  until: number,
  sent: Sent,
): Promise<Restarted> {
  const present = await readAllocation(nomad, stub.ID);
  if (!isRunning(present)) return { kind: "gone" };
  const reschedule = finishes(job) || undefined;
  const stopped = await nomad.write(allocations.stop, { allocation_id: stub.ID, reschedule });
  sent.done = true;
  const unplaced = await notPlaced(nomad, await processed(nomad, stopped.EvalID, until), stub, job);
  if (unplaced !== undefined) return { kind: "failed", why: unplaced };
  if (isSystem(job)) {
    // The scheduler of these jobs replaces a stopped allocation only when it looks again (nomad-api.md §4.2).
    const body = { JobID: job.ID, EvalOptions: { ForceReschedule: true } };
    const { EvalID } = await nomad.write(jobs.evaluate, { job_id: job.ID }, body);
    const why = await notPlaced(nomad, await processed(nomad, EvalID, until), stub, job);
    if (why !== undefined) return { kind: "failed", why };
  }
  const found = await successor(nomad, stub, job, until);
  return "kind" in found ? found : await runs(nomad, found.id, until);
}

async function notPlaced(
  nomad: NomadClient,
  evaluation: Evaluation,
  { TaskGroup }: AllocationStub,
  job: Job,
): Promise<string | undefined> {
  const metric = evaluation.FailedTGAllocs?.[TaskGroup];
  if (metric === undefined) return undefined;
  const failed = { [TaskGroup]: metric };
  const [placement] = explainAll(job, failed, await surroundings(nomad, job, failed));
  return `it was stopped, and its replacement could not be placed: ${placement?.reasons.join("; ")}`;
}

/** Why there is no replacement, or its id. */
type Successor = { readonly id: string } | Restarted;

/**
 * Finds what the scheduler placed in the stead of a stopped allocation. Where it is to be placed after a delay (batch,
 * by its reschedule policy), the follow-up evaluation tells: the stopped allocation is then not always told of it.
 */
async function successor(nomad: NomadClient, stopped: AllocationStub, job: Job, until: number): Promise<Successor> {
  const next = watchAllocation(nomad, stopped.ID, until);
  for (;;) {
    const now = await next();
    if (now === undefined) return { kind: "unconfirmed", why: "no replacement was seen" };
    if (now.NextAllocation !== "") return { id: now.NextAllocation };
    if (now.FollowupEvalID !== "") {
      const evaluation = await processed(nomad, now.FollowupEvalID, until);
      if (evaluation.Status === "pending") return { kind: "unconfirmed", why: "its replacement is delayed" };
      const unplaced = await notPlaced(nomad, evaluation, stopped, job);
      if (unplaced !== undefined) return { kind: "failed", why: unplaced };
      const filter = `EvalID == ${literal(evaluation.ID)} and Name == ${literal(stopped.Name)}`;
      const { items } = await nomad.list(allocations.list, { filter, per_page: 1 });
      const [placed] = items;
      return placed ? { id: placed.ID } : { kind: "failed", why: notReplaced };
    }
    if (hasEnded(now) && job.Type === "batch") return { kind: "failed", why: notReplaced };
  }
}

const notReplaced = "it was stopped, and Nomad does not replace it: its reschedule attempts may be used up";

/** Follows a replacement until it runs. */
async function runs(nomad: NomadClient, id: string, until: number): Promise<Restarted> {
  const next = watchAllocation(nomad, id, until);
  const failed = (now: AllocationStub) => failure(now, undefined, nomad.now());
  for (;;) {
    const now = await next();
    if (now === undefined) return { kind: "unconfirmed", why: notSeen };
    const why = failed(now);
    if (why !== undefined) return { kind: "failed", why: `its replacement ${short(id)} failed: ${why}`, seen: now };
    if (now.ClientStatus === "running") return { kind: "back", id, failed };
  }
}
