import { NomadError } from "../../../api/errors/errors.ts";
import { explain } from "../../../api/errors/explain.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import { evaluations } from "../../../endpoints/evaluations.ts";
import type { Job } from "../../../endpoints/job.ts";
import { type JobChange, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { ago, fromNanoseconds } from "../../../text/time.ts";
import { lines, some } from "../../../text/words.ts";
import { ifOffered, toolCall, toolOrCommand } from "../../shared/next-step.ts";
import { newestChild } from "../health/parent.ts";
import { launchStep, listRuns } from "../runs.ts";
import { type Found, inTime } from "./follow.ts";
import { livingChildren } from "./stop.ts";

/**
 * The runs that a forced launch would run beside, in words; undefined where there are none. Nomad itself lets a
 * forced launch overlap, whatever the job says (nomad/periodic.go, ForceEval).
 *
 * @throws Refusal where the job prohibits that and the operator does not allow it.
 */
export async function overlap(nomad: NomadClient, job: Job, allowed: boolean): Promise<string | undefined> {
  const { ids, more } = await livingChildren(nomad, job);
  if (ids.length === 0) return undefined;
  const runs = more ? `${ids[0]} and many others` : some(ids, 3);
  if (!job.Periodic?.ProhibitOverlap || allowed) return runs;
  const [first = ""] = ids;
  const look = toolOrCommand(nomad, ["get_job_status", { job_id: first }], ["job status", first]);
  const both = toolCall(nomad, "force_periodic_job", { job_id: job.ID, allow_overlap: true });
  const anyway = ifOffered("force_periodic_job", both, launchStep(nomad, job));
  throw new Refusal(
    lines(
      `${job.ID} was not launched: ${runs} ${ids.length === 1 ? "has" : "have"} not ended, and the job prohibits overlap (Nomad would not hold a forced launch to that). Nothing was started.`,
      `Next: ${look} says how it goes, or to run both at once: ${anyway}`,
    ),
  );
}

/**
 * Launches a child of a periodic job now, once.
 *
 * @throws Refusal where the answer is lost, with what is there by then: unlike a dispatch, a launch has no token to know
 * it by.
 */
export async function forceLaunch(nomad: NomadClient, job: Job): Promise<JobChange> {
  const before = await newestChild(nomad, job);
  try {
    return await nomad.write(jobs.forcePeriodic, { job_id: job.ID });
  } catch (error) {
    if (!(error instanceof NomadError) || error.kind === "cancelled" || !error.mayHaveHappened) throw error;
    const next = `Next: ${listRuns(nomad, job.ID, "periodic")} shows its runs`;
    throw new Refusal(lines(explain(error), await newSince(nomad, job, before?.ID), next));
  }
}

async function newSince(nomad: NomadClient, job: Job, before: string | undefined): Promise<string> {
  try {
    const newest = await newestChild(nomad, job);
    if (newest === undefined || newest.ID === before) return "So far there is no newer run than before.";
    const started = ago(fromNanoseconds(newest.SubmitTime) ?? nomad.now(), nomad.now());
    return `Its newest run is ${newest.ID}, started ${started}: most likely this one.`;
  } catch (error) {
    if (!(error instanceof NomadError)) throw error;
    return "";
  }
}

/** The id of the child that a launch made, whose answer names only its evaluation. `until`: ms, this machine's clock. */
export async function launchedChild(nomad: NomadClient, { EvalID }: JobChange, until: number): Promise<Found<string>> {
  return await inTime(nomad, until, async (limited) => {
    return (await limited.get(evaluations.get, { evaluation_id: EvalID })).JobID;
  });
}
