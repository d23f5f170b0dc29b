import type { Job } from "../../../endpoints/job.ts";
import { type JobPlan, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { JobSpec } from "../file/job-json.ts";
import { readPresent } from "../file/present.ts";
import { invalid, notAccepted } from "../file/refused.ts";
import { type TypedJob, typedJob } from "../file/typed-job.ts";

/** A plan, the job that is there, and the one that would take its place. */
export interface Plan {
  readonly reply: JobPlan;
  readonly present: Job | undefined;
  readonly job: TypedJob;
}

/**
 * Plans a job in the client's namespace.
 *
 * @throws Refusal where Nomad would not accept the job. NomadError for all other faults.
 */
export async function makePlan(nomad: NomadClient, id: string, spec: JobSpec): Promise<Plan> {
  const [reply, present] = await Promise.all([ask(nomad, id, spec), readPresent(nomad, id)]);
  const job = typedJob(spec);
  const complaint = present === undefined ? undefined : changeOfKind(present, job);
  if (complaint !== undefined) throw invalid(id, [complaint]);
  return { reply, present, job };
}

async function ask(nomad: NomadClient, id: string, spec: JobSpec): Promise<JobPlan> {
  try {
    return await nomad.ask(jobs.plan, { job_id: id }, { Job: spec, Diff: true });
  } catch (error) {
    throw await notAccepted(nomad, id, error);
  }
}

/** What a registration refuses and a plan does not look at (nomad/job_endpoint.go, validateJobUpdate). */
function changeOfKind(present: Job, job: TypedJob): string | undefined {
  if (present.Type !== job.Type) {
    return `cannot update job from type "${present.Type}" to "${job.Type}" (remove the job first, or give this one another id)`;
  }
  const kinds = [
    ["periodic", present.Periodic !== null, job.Periodic !== undefined],
    ["parameterized", present.ParameterizedJob !== null, job.ParameterizedJob !== undefined],
  ] as const;
  const turned = kinds.find(([, was, is]) => was !== is);
  if (turned === undefined) return undefined;
  const [kind, was] = turned;
  return was ? `cannot update ${kind} job to being non-${kind}` : `cannot update non-${kind} job to being ${kind}`;
}
