import { NomadError } from "../../../api/errors/errors.ts";
import { explain } from "../../../api/errors/explain.ts";
import { literal } from "../../../api/request/path.ts";
import type { Evaluation } from "../../../endpoints/evaluations.ts";
import type { Job } from "../../../endpoints/job.ts";
import { type JobChange, type JobSummary, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { plural } from "../../../text/words.ts";
import { processed } from "../../evaluations/follow.ts";
import { changes } from "../../shared/changes.ts";
import { isParent } from "../health/job-state.ts";
import { type Found, inTime } from "./follow.ts";

/** So long before the end of the time the waiting ends, ms. */
const spare = 500;
/** So many children are listed. */
const mostChildren = 20;

/** What a job has that does not stop at once. */
export interface Live {
  /** Running or starting. */
  readonly live: number;
  /** On nodes that are disconnected: they end when those are back. */
  readonly unknown: number;
}

/** What stopping a job came to. */
export interface Stop {
  /** True where it was stopped before, so that nothing had to be sent for that. */
  readonly already: boolean;
  /** Of the stop that was sent. */
  readonly evaluationId: string;
  /** What lived before. */
  readonly before: Live;
  /** What still lives; a fault where that could not be found out, undefined where it was not waited for. */
  readonly left: Found<Live> | undefined;
  /** The evaluation, where the scheduler has not taken it in the time. */
  readonly untaken: Evaluation | undefined;
  /** What waiting for the end took, ms by the server's clock. */
  readonly took: number;
  /** True where it was purged; a fault where that failed. */
  readonly purged: Found<boolean>;
}

/** How a job is stopped. */
export interface Stopping {
  readonly purge: boolean;
  /** Until when its end is waited for, ms, by this machine's clock. */
  readonly until: number;
  report(message: string): void;
}

/**
 * Stops a job and waits until its allocations have ended. Purged, where asked for, is it only then: purging removes the
 * allocations from Nomad's memory at once (nomad-observed.md §4), and with them whether they have ended.
 */
export async function stopJob(nomad: NomadClient, job: Job, { purge, until, report }: Stopping): Promise<Stop> {
  const before = liveIn(await nomad.get(jobs.summary, { job_id: job.ID }));
  const stopped = job.Stop ? undefined : await deregister(nomad, job.ID, false);
  const evaluationId = stopped?.EvalID ?? "";
  const sent = nomad.now();
  const follows = until > Date.now() && before.live > 0;
  const followed = follows
    ? await inTime(nomad, until, async (limited) => {
        const evaluation = evaluationId === "" ? undefined : await processed(limited, evaluationId, until - spare);
        const taken = evaluation?.Status !== "pending";
        const left = await allEnded(limited, job.ID, taken ? until - spare : 0, ({ live }) =>
          report(`${plural(live, "allocation")} still shut down`),
        );
        return { left, untaken: taken ? undefined : evaluation };
      })
    : undefined;
  const left = followed === undefined || "fault" in followed ? followed : { value: followed.value.left };
  const ended = before.live === 0 || (left !== undefined && "value" in left && left.value.live === 0);
  return {
    already: job.Stop,
    evaluationId,
    before,
    left,
    untaken: followed && "value" in followed ? followed.value.untaken : undefined,
    took: nomad.now() - sent,
    purged: purge && ended ? await purgeJob(nomad, job, stopped?.JobModifyIndex) : { value: false },
  };
}

async function deregister(nomad: NomadClient, jobId: string, purge: boolean): Promise<JobChange> {
  return await nomad.write(jobs.deregister, { job_id: jobId, purge });
}

/**
 * Purges a job if it is still as it was stopped; `index`: its JobModifyIndex then. Nomad has no compare-and-set for this, so
 * it is read right before. The job has been stopped by now, which has to be told whatever becomes of this.
 */
async function purgeJob(nomad: NomadClient, job: Job, index = job.JobModifyIndex): Promise<Found<boolean>> {
  try {
    const now = await nomad.get(jobs.get, { job_id: job.ID });
    if (now.JobModifyIndex !== index) return { fault: "somebody else has changed or started it since" };
    await deregister(nomad, job.ID, true);
    return { value: true };
  } catch (error) {
    if (!(error instanceof NomadError)) throw error;
    return { fault: explain(error) };
  }
}

function liveIn(summary: JobSummary): Live {
  const groups = Object.values(summary.Summary ?? {});
  return {
    live: groups.reduce((total, group) => total + group.Running + group.Starting, 0),
    unknown: groups.reduce((total, group) => total + (group.Unknown ?? 0), 0),
  };
}

async function allEnded(nomad: NomadClient, jobId: string, until: number, report: (left: Live) => void): Promise<Live> {
  const next = changes(nomad, jobs.summary, { job_id: jobId }, until);
  let left = liveIn((await next()) ?? (await nomad.get(jobs.summary, { job_id: jobId })));
  while (left.live > 0) {
    report(left);
    const summary = await next();
    if (summary === undefined) break;
    left = liveIn(summary);
  }
  return left;
}

/** The children of a periodic or parameterized job that have not ended: they do not stop with it. */
export async function livingChildren(
  nomad: NomadClient,
  job: Job,
): Promise<{ readonly ids: readonly string[]; readonly more: boolean }> {
  if (!isParent(job)) return { ids: [], more: false };
  const { items, next } = await nomad.list(jobs.list, {
    prefix: `${job.ID}/`,
    filter: `ParentID == ${literal(job.ID)} and Status != "dead"`,
    per_page: mostChildren,
  });
  return { ids: items.map(({ ID }) => ID), more: next !== undefined };
}
