import { literal } from "../../api/request/path.ts";
import { type Evaluation, evaluations } from "../../endpoints/evaluations.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { changes } from "../shared/changes.ts";

/** So many evaluations are followed where one is superseded or tried again. */
const mostEvaluations = 4;

/**
 * An evaluation once the scheduler is done with it, or as it is at `until` (ms, this machine's clock). Where it was
 * superseded, the job's newest one; where it failed and is tried again, the next one.
 */
export async function processed(nomad: NomadClient, id: string, until: number): Promise<Evaluation> {
  let evaluation = await ended(nomad, id, until);
  for (let followed = 1; followed < mostEvaluations; followed++) {
    const next = evaluation.Status === "canceled" ? await newest(nomad, evaluation.JobID) : retried(evaluation, until);
    if (next === undefined) break;
    evaluation = await ended(nomad, next, until);
  }
  return evaluation;
}

/** One evaluation when the scheduler is done with it, or as it is at `until`. */
export async function ended(nomad: NomadClient, id: string, until: number): Promise<Evaluation> {
  const next = changes(nomad, evaluations.get, { evaluation_id: id }, until);
  let evaluation = (await next()) ?? (await nomad.get(evaluations.get, { evaluation_id: id }));
  for (let changed: Evaluation | undefined = evaluation; changed?.Status === "pending"; ) {
    changed = await next();
    evaluation = changed ?? evaluation;
  }
  return evaluation;
}

/** The broker keeps one evaluation of a job and cancels the others ("canceled after more recent eval was processed"). */
async function newest(nomad: NomadClient, jobId: string): Promise<string | undefined> {
  const filter = `JobID == ${literal(jobId)} and Status != "canceled"`;
  const { items } = await nomad.list(evaluations.list, { filter, reverse: true, per_page: 1 });
  return items[0]?.ID;
}

function retried(evaluation: Evaluation, until: number): string | undefined {
  return evaluation.Status === "failed" && Date.now() < until ? evaluation.NextEval || undefined : undefined;
}
