import { Refusal } from "../../../api/errors/refusal.ts";
import { type JobVersion, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { all, some } from "../../../text/words.ts";
import type { WholeJob } from "../change/start.ts";
import { pickVersion, readVersions } from "../versions/versions.ts";

/** A job as it is or was, with everything that Nomad keeps of it. */
export interface Spec {
  readonly job: JobVersion & WholeJob;
  /** The version that there is now, where that is another one. */
  readonly current: number | undefined;
}

/** The job as it is, or a kept version of it. @throws Refusal where there is no such version. */
export async function readSpec(nomad: NomadClient, jobId: string, version: string | undefined): Promise<Spec> {
  if (version === undefined) {
    return { job: await nomad.get(jobs.get, { job_id: jobId }), current: undefined };
  }
  const versions = await readVersions(nomad, jobId);
  const job: Spec["job"] = { ...pickVersion(versions, version) };
  const [newest] = versions;
  return { job, current: newest?.Version === job.Version ? undefined : newest?.Version };
}

/** @throws Refusal where the job has no such group or task, with those that it has. */
export function checkParts(job: JobVersion, group: string | undefined, task: string | undefined): void {
  const groups = (job.TaskGroups ?? []).filter(({ Name }) => group === undefined || Name === group);
  if (groups.length === 0) {
    const names = (job.TaskGroups ?? []).map(({ Name }) => Name);
    throw new Refusal(`${job.ID} has no group ${group ?? ""}: it has ${some(names, 20)}.`);
  }
  if (task === undefined) return;
  const tasks = groups.map(({ Name, Tasks }) => ({ group: Name, names: (Tasks ?? []).map((each) => each.Name) }));
  if (tasks.some(({ names }) => names.includes(task))) return;
  const has = tasks.map((each) => `${each.group} has ${all(each.names)}`);
  throw new Refusal(`${job.ID} has no task ${task}: ${some(has, 10)}.`);
}
