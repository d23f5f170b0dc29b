import type { Job } from "../../endpoints/job.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { toolOrCommand } from "../shared/next-step.ts";

/**
 * Periodic and parameterized jobs run nothing themselves: each launch is a job of its own, their child, named
 * `parent/periodic-<seconds>` or `parent/dispatch-<seconds>-<random>`.
 */

/** What launches a child of the job now: a call of this session, else the `nomad` command. */
export function launchStep(
  nomad: NomadClient,
  { ID, Periodic }: Pick<Job, "ID"> & { readonly Periodic: unknown },
): string {
  return Periodic
    ? toolOrCommand(nomad, ["force_periodic_job", { job_id: ID }], ["job periodic force", ID])
    : toolOrCommand(nomad, ["dispatch_job", { job_id: ID }], ["job dispatch", ID]);
}

/**
 * What runs again what a child ran: another child. Seen on a real agent: a dispatched child cannot be registered again
 * (`cannot update non-parameterized job to being parameterized`), and a periodic one is no child any more afterwards.
 */
export function anotherRun(nomad: NomadClient, { ParentID, Dispatched }: Pick<Job, "ParentID" | "Dispatched">): string {
  const step = launchStep(nomad, { ID: ParentID, Periodic: !Dispatched });
  return Dispatched ? `${step} with the same meta and payload` : step;
}

/** What lists the children of a job: a call of this session, else the `nomad` command. */
export function listRuns(nomad: NomadClient, jobId: string, kind: "dispatch" | "periodic"): string {
  const args = { prefix: `${jobId}/${kind}-`, include_children: true };
  return toolOrCommand(nomad, ["list_nomad_jobs", args], ["job status", jobId]);
}
