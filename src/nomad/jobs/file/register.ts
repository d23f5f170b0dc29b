import { NomadError } from "../../../api/errors/errors.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import type { Job } from "../../../endpoints/job.ts";
import { type JobChange, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { type Answer, following } from "../../../text/answer.ts";
import { ifOffered, toolOrCommand } from "../../shared/next-step.ts";
import { type Change, follow } from "../change/follow.ts";
import { unexpected } from "./changed-since.ts";
import { groupChanges } from "./group-changes.ts";
import type { Submission } from "./job-file.ts";
import type { JobSpec } from "./job-json.ts";
import { readPresent, stateOf } from "./present.ts";
import { notAccepted, warningLines } from "./refused.ts";

/** A job to register, and on which conditions. */
export interface Registration {
  readonly id: string;
  readonly job: JobSpec;
  readonly submission: Submission;
  /** The JobModifyIndex that the job must have; 0: there must be none. */
  readonly checkIndex?: number | undefined;
  /** Keeps the counts of the groups that there are. */
  readonly preserveCounts?: boolean | undefined;
}

/** What registering did. */
export interface Registered {
  /** Empty for periodic and parameterized jobs. */
  readonly evaluationId: string;
  /** "created", "updated to version 4", "unchanged and evaluated again, version 4". */
  readonly done: string;
  /** Further lines on what it changed, and Nomad's warnings. */
  readonly notes: readonly string[];
}

/**
 * Registers a job as its file has it. The job that is there is read first and the write is bound to it, so what is said
 * of the difference is so: where somebody else changes the job in between, nothing is changed.
 *
 * @throws Refusal where the check index does not fit or Nomad does not accept the job. NomadError for all other faults.
 */
export async function register(nomad: NomadClient, registration: Registration): Promise<Registered> {
  const { checkIndex, id, preserveCounts = false } = registration;
  const present = await readPresent(nomad, id);
  const index = present?.JobModifyIndex ?? 0;
  if (checkIndex !== undefined && checkIndex !== index) throw await unexpected(nomad, id, checkIndex, present);
  const change = await write(nomad, registration, { index, preserveCounts }).catch(async (error: unknown) => {
    if (!isConflict(error)) throw error;
    if (checkIndex !== undefined) throw await unexpected(nomad, id, checkIndex, await readPresent(nomad, id));
    throw new Refusal(`Somebody else changed ${id} at this very moment. Nothing was submitted: call again.`);
  });
  const warnings = warningLines(change.Warnings, registration.job);
  if (present === undefined) return { evaluationId: change.EvalID, done: "created", notes: warnings };
  const started = present.Stop ? ["It was stopped, and this started it again."] : [];
  const groups = groupChanges(present, registration.job, preserveCounts);
  return {
    evaluationId: change.EvalID,
    done: outcome(present, change),
    notes: [...started, ...groups, ...warnings],
  };
}

/**
 * Registers a job that must not be there yet.
 *
 * @throws Refusal where it is, with what can be done then, or Nomad does not accept the job. NomadError for all other
 * faults.
 */
export async function registerNew(nomad: NomadClient, registration: Registration): Promise<Registered> {
  try {
    const change = await write(nomad, registration, { index: 0, preserveCounts: false });
    return { evaluationId: change.EvalID, done: "created", notes: warningLines(change.Warnings, registration.job) };
  } catch (error) {
    if (!isConflict(error)) throw error;
    throw alreadyThere(nomad, registration.id, await readPresent(nomad, registration.id));
  }
}

/** The whole answer: what was done, what became of it, and what should be known of it. */
export async function tellRegistered(
  nomad: NomadClient,
  registered: Registered,
  { where = "", ...change }: Omit<Change, "evaluationId"> & { readonly where?: string },
): Promise<Answer> {
  const { done, evaluationId, notes } = registered;
  const said = `${change.jobId} ${done} (namespace ${nomad.namespace}${where})`;
  change.report(said);
  const followed = await follow(nomad, { ...change, evaluationId });
  return {
    ...following(`${said}; `, followed),
    sections: [...notes, ...(followed.sections ?? [])],
    data: { job_id: change.jobId, namespace: nomad.namespace, evaluation_id: evaluationId, ...followed.data },
  };
}

async function write(
  nomad: NomadClient,
  { job, submission, id }: Registration,
  { index, preserveCounts }: { index: number; preserveCounts: boolean },
): Promise<JobChange> {
  const body = {
    Job: job,
    Submission: submission,
    EnforceIndex: true,
    JobModifyIndex: index,
    PreserveCounts: preserveCounts,
  };
  try {
    return await nomad.write(jobs.register, {}, body);
  } catch (error) {
    throw await notAccepted(nomad, id, error);
  }
}

/** The refusal to create a job that there is. */
export function alreadyThere(nomad: NomadClient, id: string, present: Job | undefined): Refusal {
  const start = toolOrCommand(nomad, ["start_job", { job_id: id }], ["job start", id]);
  const purge = toolOrCommand(nomad, ["stop_job", { job_id: id, purge: true }], ["job stop", "-purge", id]);
  const cure = present?.Stop
    ? `${start} starts it as it was; ${purge} removes it, so that it can be created anew`
    : `${ifOffered("submit_job_file", "submit_job_file", "nomad job run")} changes it`;
  const state = present ? `${stateOf(present)}, ` : "";
  return new Refusal(
    `There is a job ${id} already (${state}namespace ${nomad.namespace}), and create_job replaces none. Nothing was changed.\nNext: ${cure}`,
  );
}

/** An unchanged job is only evaluated; the reply's JobModifyIndex is then an older one (nomad-observed.md §4). */
function outcome(present: Job, change: JobChange): string {
  const unchanged =
    change.EvalID === ""
      ? change.JobModifyIndex <= present.ModifyIndex
      : change.JobModifyIndex !== change.EvalCreateIndex;
  if (!unchanged) return `updated to version ${present.Version + 1}`;
  return `unchanged${change.EvalID === "" ? "" : " and evaluated again"}, version ${present.Version}`;
}

function isConflict(error: unknown): boolean {
  return error instanceof NomadError && error.kind === "conflict";
}
