import type { Evaluation } from "../../endpoints/evaluations.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { ago, fromNanoseconds, span } from "../../text/time.ts";
import { short } from "../../text/words.ts";
import { showStep } from "../shared/next-step.ts";
import { brokerPause, isNeglected, schedulerStep } from "./broker.ts";
import { placingSteps } from "./placement/steps.ts";
import type { SeenEvaluation } from "./seen-evaluation.ts";
import { evaluationOutcome } from "./words.ts";

/** What an evaluation came to. `nomad`: bound to its namespace. */
export function evaluationAnswer(seen: SeenEvaluation, nomad: NomadClient): Answer {
  const { evaluation, placements, jobGone } = seen;
  const { ID, JobID, Namespace, Status, PreviousEval, NextEval } = evaluation;
  const now = nomad.now();
  const outcome = [
    evaluationOutcome(evaluation, now),
    isNeglected(evaluation, now) &&
      `the scheduler has not taken it for ${span(now - (fromNanoseconds(evaluation.CreateTime) ?? now))}`,
  ].filter(Boolean);
  return {
    headline: `evaluation ${short(ID)} of ${JobID} (namespace ${Namespace}): ${[Status, ...outcome].join(", ")}; triggered by ${trigger(evaluation)} ${ago(fromNanoseconds(evaluation.CreateTime) ?? now, now)}`,
    sections: [
      seen.paused && `Why: ${brokerPause(nomad).sentence}`,
      ...placements.map(({ group, reasons }) => `Why: group ${group}: ${reasons.join("; ")}`),
      jobGone && `Its job is there no more: it was purged, or Nomad has deleted it since it ended.`,
      waits(seen),
      PreviousEval && `Follows evaluation ${short(PreviousEval)}`,
      NextEval && `Followed by evaluation ${short(NextEval)}`,
    ],
    next: next(seen, nomad),
    data: {
      evaluation_id: ID,
      job_id: JobID,
      namespace: Namespace,
      status: Status,
      next_evaluation_id: NextEval || undefined,
    },
  };
}

/** "node-update (node 4f2a9c31)" */
function trigger({ TriggeredBy, NodeID, DeploymentID }: Evaluation): string {
  const by = NodeID ? `node ${short(NodeID)}` : DeploymentID ? `deployment ${short(DeploymentID)}` : "";
  return by === "" ? TriggeredBy : `${TriggeredBy} (${by})`;
}

/** What has become of that which it did not place. */
function waits({ evaluation: { BlockedEval }, blocked }: SeenEvaluation): string | undefined {
  if (!BlockedEval) return undefined;
  const where = `evaluation ${short(BlockedEval)}`;
  if (blocked === undefined) return `What was not placed went on in ${where}, which is there no more`;
  return blocked.Status === "blocked"
    ? `What was not placed waits in ${where}`
    : `What was not placed waits no more: ${where} is ${blocked.Status}`;
}

/** What would let it be placed, while it waits for that; else the job. */
function next({ evaluation, placements, blocked, jobGone, paused }: SeenEvaluation, nomad: NomadClient): string[] {
  if (paused) return [brokerPause(nomad).next];
  if (paused === undefined && isNeglected(evaluation, nomad.now())) {
    return [`${schedulerStep(nomad)} says whether the scheduler is paused`];
  }
  if (jobGone) return [];
  const stands = evaluation.Status === "blocked" || blocked?.Status === "blocked";
  const steps = stands ? placingSteps(nomad, evaluation.JobID, placements) : "";
  return [steps || `${showStep(nomad, "job", evaluation.JobID)} says how the job is`];
}
