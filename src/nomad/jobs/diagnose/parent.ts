import type { Job } from "../../../endpoints/job.ts";
import { type JobStub, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { ago, fromNanoseconds } from "../../../text/time.ts";
import { ifGiven } from "../../shared/parts.ts";
import { judge } from "../health/health.ts";
import { type JobState, readJobState } from "../health/job-state.ts";
import { rowState } from "../health/summary.ts";
import { headlineOf, type Verdict } from "../health/verdict.ts";

/** A periodic or parameterized job and, where it matters, its newest child that failed. */
export interface Family {
  readonly parent: JobState;
  /** The parent's verdict, with the child's causes and what to do about them. */
  readonly verdict: Verdict;
  /** The newest child that failed; undefined where one has ended well since. */
  readonly child: JobState | undefined;
  /** How the newest children ended, newest first: "failed 12m ago, finished 1h12m ago"; empty where there are not several. */
  readonly runs: string;
}

/** Judges a job that runs nothing itself by its newest child. */
export async function judgeFamily(nomad: NomadClient, job: Job): Promise<Family> {
  const summary = job.Stop ? await ifGiven(nomad.get(jobs.summary, { job_id: job.ID })) : undefined;
  const none = {
    current: [],
    currentCut: false,
    latest: [],
    troubled: [],
    troubledCut: false,
    evaluations: [],
    deployments: [],
  };
  const parent: JobState = { nomad, job, summary, scale: undefined, ...none };
  const verdict = await judge(parent);
  const children = verdict.children ?? [];
  // One alone is told by the headline.
  const runs = children.length > 1 ? children.map((child) => runText(child, nomad.now())).join(", ") : "";
  const newest = newestFailure(children);
  if (newest === undefined) return { parent, verdict, child: undefined, runs };
  const child = await readJobState(nomad, newest.ID);
  const own = await judge(child);
  const last = { sentence: `run ${newest.ID}: ${headlineOf(own)}`, evidence: [] };
  return {
    parent,
    child,
    runs,
    verdict: { ...verdict, causes: [last, ...own.causes], next: own.next.length > 0 ? own.next : verdict.next },
  };
}

/** The newest child that failed, if none has ended well since. */
function newestFailure(children: readonly JobStub[]): JobStub | undefined {
  const ended = children.find((child) => rowState(child).trouble === 2 || /^finished/.test(rowState(child).state));
  return ended && rowState(ended).trouble === 2 ? ended : undefined;
}

function runText(child: JobStub, now: number): string {
  const at = fromNanoseconds(child.SubmitTime) ?? now;
  return `${rowState(child).state} ${ago(at, now)}`;
}
