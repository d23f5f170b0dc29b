import { type Evaluation, evaluations } from "../../endpoints/evaluations.ts";
import { jobs } from "../../endpoints/jobs.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { orMissing } from "../jobs/find.ts";
import { orOtherKind } from "../shared/other-kind.ts";
import { isBrokerPaused, isNeglected } from "./broker.ts";
import { explainAll, type Placement } from "./placement/placement.ts";
import { surroundings } from "./placement/surroundings.ts";

/** An evaluation, and what explains it. */
export interface SeenEvaluation {
  readonly evaluation: Evaluation;
  /** Why groups were not placed; empty where nothing failed, or the job is gone. */
  readonly placements: readonly Placement[];
  /** The evaluation in which waits what this one did not place, as it is now; undefined where there is none any more. */
  readonly blocked: Evaluation | undefined;
  /** True where its job is there no more. */
  readonly jobGone: boolean;
  /** Whether an operator has paused the scheduler; undefined where that is not the question, or not to be seen. */
  readonly paused: boolean | undefined;
}

/** Reads an evaluation by its full id, wherever it is, and then what its failed placements are explained by. */
export async function seeEvaluation(nomad: NomadClient, id: string): Promise<SeenEvaluation> {
  const evaluation = await orOtherKind(nomad, id, "evaluation", nomad.get(evaluations.get, { evaluation_id: id }));
  const { BlockedEval, FailedTGAllocs, JobID, Namespace } = evaluation;
  const there = nomad.in(Namespace);
  const [job, blocked, paused] = await Promise.all([
    orMissing(there.get(jobs.get, { job_id: JobID })),
    BlockedEval ? orMissing(there.get(evaluations.get, { evaluation_id: BlockedEval })) : undefined,
    isNeglected(evaluation, nomad.now()) ? isBrokerPaused(there) : undefined,
  ]);
  const failed = FailedTGAllocs ?? {};
  const placements = job === undefined ? [] : explainAll(job, failed, await surroundings(there, job, failed));
  return { evaluation, placements, blocked, jobGone: job === undefined, paused };
}
