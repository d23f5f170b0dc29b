import type { JobDiff } from "../../api/diff-types.ts";
import { path } from "../../api/path.ts";
import type { AllocationStub, AllocMetric, DesiredUpdates, Job } from "../../api/types.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { JobSpec } from "../job-file/job-json.ts";
import { readPresent } from "../job-file/present.ts";
import { invalid, notAccepted } from "../job-file/refused.ts";
import { type TypedJob, typedJob } from "../job-file/typed-job.ts";

/** `POST /v1/job/:id/plan` with `Diff`: what registering the job would come to, of which nothing is kept. */
export interface PlanReply {
  readonly JobModifyIndex: number;
  readonly Diff: JobDiff;
  readonly Annotations: {
    DesiredTGUpdates: Record<string, DesiredUpdates> | null;
    PreemptedAllocs: AllocationStub[] | null;
  } | null;
  readonly FailedTGAllocs: Record<string, AllocMetric> | null;
  readonly NextPeriodicLaunch: string | null;
  readonly Warnings: string;
}

/** A plan, the job that is there, and the one that would take its place. */
export interface Plan {
  readonly reply: PlanReply;
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

async function ask(nomad: NomadClient, id: string, spec: JobSpec): Promise<PlanReply> {
  try {
    return await nomad.ask<PlanReply>(path`/v1/job/${id}/plan`, { Job: spec, Diff: true });
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
