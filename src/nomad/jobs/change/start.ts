import { NomadError } from "../../../api/errors/errors.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import type { Job, TaskGroup } from "../../../endpoints/job.ts";
import { type JobChange, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { all } from "../../../text/words.ts";
import { scaledGroups, submittedJob } from "../file/submission.ts";
import { anotherRun } from "../runs.ts";

/** A job with everything that Nomad keeps of it, so that it can be written back: more than the fields that we read. */
export type WholeJob = Job & Readonly<Record<string, unknown>>;

/** What starting a job did. */
export interface Start {
  readonly change: JobChange;
  /** What is not as it was before the stop, and Nomad's warnings: a line each. */
  readonly notes: readonly string[];
}

/**
 * Registers a stopped job as it is, but not stopped, as `nomad job start` does (nomad-observed.md §4): with its Version, so
 * that the stored source stays that of this version; without the version's tag, which would be copied on; with the
 * scaling policies that the stop disabled as they were submitted; and only if nobody changed the job since.
 *
 * @throws Refusal where somebody did, and for a child of another job, which Nomad would refuse or take from its parent.
 */
export async function registerStarted(nomad: NomadClient, job: WholeJob): Promise<Start> {
  if (job.ParentID !== "") {
    const next = `Next: ${anotherRun(nomad, job)}`;
    throw new Refusal(
      `${job.ID} is one run of ${job.ParentID}, and a run is not started again: another one is launched. Nothing was started.
${next}`,
    );
  }
  const { groups, notes } = await restoreScaling(nomad, job);
  const change = await register(nomad, { ...job, TaskGroups: groups, Stop: false, VersionTag: null });
  const warnings = (change.Warnings ?? "").split(/\n\* /).slice(1);
  return { change, notes: [...notes, ...warnings.map((text) => `Warning: ${quotedLine(text, 300)}`)] };
}

async function register(nomad: NomadClient, job: WholeJob): Promise<JobChange> {
  const body = { Job: job, EnforceIndex: true, JobModifyIndex: job.JobModifyIndex };
  try {
    return await nomad.write(jobs.update, { job_id: job.ID }, body);
  } catch (error) {
    if (!(error instanceof NomadError) || error.kind !== "conflict") throw error;
    throw new Refusal(`Somebody else changed ${job.ID} at this very moment. Nothing was started: call again.`);
  }
}

async function restoreScaling(nomad: NomadClient, job: WholeJob): Promise<{ groups: TaskGroup[]; notes: string[] }> {
  const groups = job.TaskGroups ?? [];
  const disabled = groups.filter(({ Scaling }) => Scaling && !Scaling.Enabled);
  if (disabled.length === 0) return { groups, notes: [] };
  const submitted = await submittedJob(nomad, job);
  const names = all(disabled.map(({ Name }) => Name));
  if (submitted === undefined) {
    const which = disabled.length === 1 ? `group ${names} stays` : `groups ${names} stay`;
    const note = `Scaling of ${which} disabled as the stop left it: no source of the job is stored to restore it from. Submit its job file to enable it.`;
    return { groups, notes: [note] };
  }
  const enabled = new Set(scaledGroups(submitted));
  return {
    groups: groups.map((group) =>
      group.Scaling && enabled.has(group.Name) ? { ...group, Scaling: { ...group.Scaling, Enabled: true } } : group,
    ),
    notes: [],
  };
}
