import { NomadError } from "../../../api/errors/errors.ts";
import { explain } from "../../../api/errors/explain.ts";
import { type Evaluation, evaluations } from "../../../endpoints/evaluations.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { type Answer, answer } from "../../../text/answer.ts";
import { fromGoTime, fromNanoseconds, span } from "../../../text/time.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { short } from "../../../text/words.ts";
import { brokerPause, isBrokerPaused } from "../../evaluations/broker.ts";
import { processed } from "../../evaluations/follow.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import { judge } from "../health/health.ts";
import { readJobState } from "../health/job-state.ts";
import { headlineOf, type Verdict, verdictAnswer } from "../health/verdict.ts";
import { type Look, outcome } from "./outcome.ts";
import { resultOf } from "./result.ts";

/** A change of a job that was made, and how its outcome is waited for. */
export interface Change {
  readonly jobId: string;
  /** Empty for periodic and parameterized jobs, of which nothing is started by a change. */
  readonly evaluationId: string;
  /** The end of the time, ms, by this machine's clock; where it has passed already, nothing is waited for. */
  readonly until: number;
  report(message: string): void;
  /**
   * Asked once the scheduler is done, where given: tells the outcome in its own way, with `outcome` for the usual one.
   * `nomad` is bounded by the time.
   */
  tell?(nomad: NomadClient, evaluation: Evaluation, outcome: () => Promise<Answer>): Promise<Answer>;
}

/** So long before the end of the time, in ms, the last look at the job begins. */
export const lookTime = 1_500;

/**
 * Follows what a change started, until a verdict or the time is over, and tells it as an answer: its headline
 * is the verdict. `nomad` is bound to the job's namespace. Faults on the way are told as well, since the change has
 * been made whatever becomes of its following; only a cancelled call throws.
 */
export async function follow(nomad: NomadClient, change: Change): Promise<Answer> {
  const { evaluationId, until } = change;
  if (evaluationId !== "" && until <= Date.now()) return answer(notFollowed(nomad, change));
  const followed = await inTime(nomad, until, async (limited, limit) => {
    if (evaluationId === "") return await waiting(limited, change);
    const evaluation = await processed(limited, evaluationId, until - lookTime);
    const elapsed = () => span(limited.now() - (fromNanoseconds(evaluation.CreateTime) ?? limited.now()));
    if (evaluation.Status === "pending") return await stillPending(limited, evaluation, elapsed(), change);
    if (evaluation.Status === "failed") return await givenUp(limited, evaluation, change);
    const usual = async () => {
      const seen = await outcome(limited, evaluation, { ...change, lookBy: until - lookTime, limit });
      const verdict = told(limited, seen, elapsed(), change);
      return seen.over ? verdict : { ...verdict, details: [await resultOf(seen)] };
    };
    return change.tell ? await change.tell(limited, evaluation, usual) : await usual();
  });
  return "value" in followed
    ? followed.value
    : answer(`what became of it is not known; ${howItEnds(nomad, change)}`, followed.fault);
}

/** What was found out of something that was done already, or why it could not be. */
export type Found<T> = { readonly value: T } | { readonly fault: string };

/** Follows something with a client whose requests end at `until` (ms, this machine's clock). Only a cancelled call throws. */
export async function inTime<T>(
  nomad: NomadClient,
  until: number,
  work: (nomad: NomadClient, limit: AbortSignal) => Promise<T>,
): Promise<Found<T>> {
  // What needs no waiting is asked for even where the time is over.
  const limit = AbortSignal.timeout(Math.max(lookTime, until - Date.now()));
  try {
    return { value: await work(nomad.within(limit), limit) };
  } catch (error) {
    if (limit.aborted) return { fault: "Nomad answers too slowly to follow it" };
    if (error instanceof NomadError && error.kind === "cancelled") throw error;
    // A mistake of ours must not hide that the change was made either.
    return { fault: explain(error) };
  }
}

/** What is said where nothing was waited for. `nomad` is bound to the job's namespace. */
export function notFollowed(nomad: NomadClient, change: Pick<Change, "evaluationId" | "jobId">): string {
  return `not followed: evaluation ${short(change.evaluationId)}; ${howItEnds(nomad, change)}`;
}

/** One that waits for no time of its own should have been taken long ago. */
async function stillPending(
  nomad: NomadClient,
  evaluation: Evaluation,
  elapsed: string,
  change: Change,
): Promise<Answer> {
  const paused = evaluation.WaitUntil ? false : await isBrokerPaused(nomad);
  if (!paused) return answer(notTaken(nomad, evaluation, elapsed, change));
  const { sentence, next } = brokerPause(nomad);
  return { headline: `pending: ${sentence}`, next: [next] };
}

/** What is said where the scheduler was not done with the evaluation in time. */
export function notTaken(
  nomad: NomadClient,
  evaluation: Evaluation,
  elapsed: string,
  change: Pick<Change, "jobId">,
): string {
  // One that follows upon a failed one waits for its time.
  const due = evaluation.WaitUntil ? `, due at ${evaluation.WaitUntil}` : "";
  const pending = `evaluation ${short(evaluation.ID)} is pending after ${elapsed}${due}`;
  return `the scheduler has not taken it yet: ${pending}; ${howItEnds(nomad, change)}`;
}

async function givenUp(nomad: NomadClient, evaluation: Evaluation, change: Change): Promise<Answer> {
  const why = quotedLine(evaluation.StatusDescription || "no reason given");
  const next = evaluation.NextEval
    ? await nomad.get(evaluations.get, { evaluation_id: evaluation.NextEval })
    : undefined;
  const at = fromGoTime(next?.WaitUntil);
  const again = at === undefined ? "" : `; it tries again in ${span(at - nomad.now())}`;
  const { jobId } = change;
  const cure = toolOrCommand(nomad, ["force_evaluate_job", { job_id: jobId }], ["job eval", jobId]);
  return {
    headline: `failed: the scheduler gave evaluation ${short(evaluation.ID)} up (${why})${again}`,
    next: at === undefined ? [cure] : [],
  };
}

/** A periodic or parameterized job: what it waits for. */
async function waiting(nomad: NomadClient, { jobId }: Change): Promise<Answer> {
  const verdict = await judge(await readJobState(nomad, jobId));
  return verdictAnswer({ ...verdict, state: "registered", detail: behindCondition(verdict), more: undefined });
}

/** Which version it is, whoever made the change has just been told. */
function told(nomad: NomadClient, { verdict, over }: Look, elapsed: string, change: Change): Answer {
  const answer = verdictAnswer(verdict);
  if (over) {
    const still = `still ${verdict.condition} after ${elapsed}: ${behindCondition(verdict)}; ${howItEnds(nomad, change)}`;
    return { ...answer, headline: still };
  }
  return { ...answer, headline: elapsed === "<1s" ? headlineOf(verdict) : withTime(verdict, elapsed) };
}

/** "running: 3 of 3 healthy after 14s"; behind the condition where the sentence goes on to something else. */
function withTime(verdict: Verdict, elapsed: string): string {
  const { condition, state, more } = verdict;
  if (more === undefined || state !== undefined) return `${headlineOf(verdict)} after ${elapsed}`;
  return headlineOf({ ...verdict, state: `${condition} after ${elapsed}` });
}

/** The headline without the condition, where it begins with that. */
function behindCondition({ state, ...verdict }: Verdict): string {
  const { detail, more } = verdict;
  return state === undefined ? `${detail}${more ? `; ${more}` : ""}` : headlineOf({ ...verdict, state });
}

function howItEnds(nomad: NomadClient, { jobId }: Pick<Change, "jobId">): string {
  const look = toolOrCommand(nomad, ["get_job_status", { job_id: jobId }], ["job status", jobId]);
  return `${look} says how it ends`;
}
