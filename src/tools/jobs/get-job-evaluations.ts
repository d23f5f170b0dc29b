import { literal } from "../../api/request/path.ts";
import { deployments } from "../../endpoints/deployments.ts";
import { type Evaluation, evaluations } from "../../endpoints/evaluations.ts";
import type { Job } from "../../endpoints/job.ts";
import { jobs } from "../../endpoints/jobs.ts";
import { parameters } from "../../mcp/parameters.ts";
import { explainAll, type Placement } from "../../nomad/evaluations/placement/placement.ts";
import { placingSteps } from "../../nomad/evaluations/placement/steps.ts";
import { surroundings } from "../../nomad/evaluations/placement/surroundings.ts";
import { evaluationOutcome, waitUntil } from "../../nomad/evaluations/words.ts";
import { type Located, readJob } from "../../nomad/jobs/find.ts";
import { isParent } from "../../nomad/jobs/health/job-state.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { table } from "../../text/table.ts";
import { ago, fromNanoseconds, span } from "../../text/time.ts";
import { plural, short } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const getJobEvaluations = defineTool({
  name: "get_job_evaluations",
  title: "Job evaluations",
  description:
    "List a job's scheduler evaluations, newest first, and why allocations could not be placed. Use it when nothing happened after a change.",
  risk: "read",
  needs: ["read-job"],
  helps: ["host-volume-read", "list-jobs", "node:read", "operator:read"],
  input: { job_id: parameters.job_id, limit: parameters.limit(10, 100) },
  async run({ job_id, limit }, { nomad }) {
    const found = await readJob(nomad, job_id, (there, id) => read(there, id, limit));
    const { job, evaluations, more } = found.value;
    const failing = standing(evaluations);
    const failed = failing?.FailedTGAllocs ?? {};
    const placements = explainAll(job, failed, failing && (await surroundings(found.nomad, job, failed)));
    const steps = placingSteps(found.nomad, job.ID, placements);
    return {
      note: found.note,
      headline: `${job.ID} (namespace ${job.Namespace}): ${verdict(found, failing, placements)}`,
      sections: placements.map((placement) => reasonText(placement, placements.length > 1)),
      next: steps === "" ? [] : [steps],
      details: [
        evaluations.length > 0 && `\n${rows(evaluations, found.nomad)}`,
        more && `(older ones left out: limit=${limit})`,
      ],
      data: {
        job_id: job.ID,
        namespace: job.Namespace,
        evaluations: evaluations.map(({ ID, Status, TriggeredBy, FailedTGAllocs }) => ({
          evaluation_id: ID,
          status: Status,
          triggered_by: TriggeredBy,
          unplaced_groups: Object.keys(FailedTGAllocs ?? {}),
        })),
      },
    };
  },
});

interface Read {
  readonly job: Job;
  readonly evaluations: Evaluation[];
  /** True where the version's deployment has failed, which ends all placing. */
  readonly halted: boolean;
  readonly more: boolean;
}

async function read(nomad: NomadClient, jobId: string, limit: number): Promise<Read> {
  const query = { filter: `JobID == ${literal(jobId)}`, reverse: true, per_page: limit };
  const [job, { items, next }, deployed] = await Promise.all([
    nomad.get(jobs.get, { job_id: jobId }),
    nomad.list(evaluations.list, query),
    nomad.list(deployments.list, { ...query, per_page: 1 }),
  ]);
  // Older ones belong to an earlier job of the same id, which was purged.
  const ofJob = items.filter(({ CreateIndex }) => CreateIndex >= job.CreateIndex);
  const [newest] = deployed.items;
  const ofVersion = newest?.JobVersion === job.Version && newest.JobCreateIndex === job.CreateIndex;
  const more = next !== undefined && ofJob.length === items.length;
  return { job, evaluations: ofJob, halted: ofVersion && newest.Status === "failed", more };
}

/** The evaluation whose failed placements still stand: the blocked one, or the newest finished one (system jobs). */
function standing(evaluations: readonly Evaluation[]): Evaluation | undefined {
  const blocked = evaluations.find(({ Status }) => Status === "blocked");
  const newest = evaluations.find(({ Status }) => Status === "complete");
  return [blocked, newest].find((each) => each?.FailedTGAllocs && Object.keys(each.FailedTGAllocs).length > 0);
}

function verdict(
  { nomad, value: { job, evaluations, halted } }: Located<Read>,
  failing: Evaluation | undefined,
  placements: readonly Placement[],
): string {
  if (failing !== undefined) {
    const waiting = placements.reduce((total, placement) => total + placement.waiting, 0);
    const held = failing.Status === "blocked" ? "; Nomad tries again by itself when the cluster changes" : "";
    return `${plural(waiting, "allocation")} cannot be placed${held}`;
  }
  if (evaluations.length === 0) {
    if (isParent(job)) return "no evaluations: its children have them, not the job itself";
    return "no evaluations are kept (Nomad forgets them after an hour); the job's present state does not need one";
  }
  const pending = evaluations.find(({ Status }) => Status === "pending");
  if (pending !== undefined && !pending.WaitUntil) return "the scheduler has not taken the newest evaluation yet";
  if (halted) {
    return `the deployment of version ${job.Version} has failed, so nothing more is placed: get_job_status says why`;
  }
  const now = nomad.now();
  const delayed = evaluations.filter((each) => each.Status === "pending" && (waitUntil(each) ?? 0) > now);
  if (delayed.length > 0) {
    const next = Math.min(...delayed.map((each) => waitUntil(each) ?? now));
    return `${plural(delayed.length, "attempt is", "attempts are")} delayed, the next one in ${span(next - now)}`;
  }
  return "nothing is waiting to be placed";
}

function reasonText({ group, waiting, reasons }: Placement, several: boolean): string {
  const whom = several ? `group ${group} (${waiting}): ` : "";
  return `Why: ${whom}${reasons.join("; ")}`;
}

function rows(evaluations: readonly Evaluation[], nomad: NomadClient): string {
  const cells = evaluations.map((evaluation) => [
    short(evaluation.ID),
    ago(fromNanoseconds(evaluation.CreateTime) ?? nomad.now(), nomad.now()),
    evaluation.TriggeredBy,
    evaluation.Status,
    evaluationOutcome(evaluation, nomad.now()),
  ]);
  return table(["evaluation", "created", "triggered by", "status", "outcome"], cells);
}
