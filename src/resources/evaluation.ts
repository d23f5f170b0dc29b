import { type Evaluation, evaluations } from "../endpoints/evaluations.ts";
import { jobs } from "../endpoints/jobs.ts";
import { parameters } from "../mcp/parameters.ts";
import { evaluationOutcome } from "../nomad/evaluations/outcome.ts";
import { explainAll, type Placement } from "../nomad/evaluations/placement/placement.ts";
import { surroundings } from "../nomad/evaluations/placement/surroundings.ts";
import { fullId } from "../nomad/shared/find-id.ts";
import { toolOrCommand } from "../nomad/shared/next-step.ts";
import type { NomadClient } from "../nomad-client.ts";
import { ago, fromNanoseconds } from "../text/time.ts";
import { lines, short } from "../text/words.ts";
import { defineTool } from "../tools/context.ts";

/** One evaluation: what began it, what became of it, and why it could not place something. */
export const readEvaluation = defineTool({
  name: "read_evaluation",
  title: "Evaluation",
  description: "One evaluation: what triggered it, what came of it, why something was not placed.",
  risk: "read",
  input: { evaluation_id: parameters.job_id },
  async run({ evaluation_id }, { nomad, offers }) {
    const id = await fullId(nomad, evaluations, evaluation_id);
    const evaluation = await nomad.get(evaluations.get, { evaluation_id: id });
    const { JobID: job, Namespace, Status, TriggeredBy, BlockedEval, NextEval } = evaluation;
    const there = nomad.in(Namespace);
    const began = ago(fromNanoseconds(evaluation.CreateTime) ?? nomad.now(), nomad.now());
    const outcome = evaluationOutcome(evaluation, nomad.now());
    const status = toolOrCommand(there, offers, ["get_job_status", { job_id: job }], ["job status", job]);
    return lines(
      `evaluation ${short(id)} of ${job} (namespace ${Namespace}): ${Status}${outcome === "" ? "" : `, ${outcome}`}; triggered by ${TriggeredBy} ${began}`,
      ...(await unplaced(there, evaluation)).map(({ group, reasons }) => `Why: group ${group}: ${reasons.join("; ")}`),
      BlockedEval && `What was not placed waits in evaluation ${short(BlockedEval)}`,
      NextEval && `Followed by evaluation ${short(NextEval)}`,
      `Next: ${status} says how the job is`,
    );
  },
});

async function unplaced(nomad: NomadClient, { JobID, FailedTGAllocs }: Evaluation): Promise<Placement[]> {
  if (FailedTGAllocs === null || FailedTGAllocs === undefined) return [];
  const job = await nomad.get(jobs.get, { job_id: JobID });
  return explainAll(job, FailedTGAllocs, await surroundings(nomad, job, FailedTGAllocs));
}
