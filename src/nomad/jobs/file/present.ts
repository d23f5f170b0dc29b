import type { Job } from "../../../endpoints/job.ts";
import { jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { orMissing } from "../find.ts";

/** The job as it is now; undefined where there is none. */
export async function readPresent(nomad: NomadClient, id: string): Promise<Job | undefined> {
  return await orMissing(nomad.get(jobs.get, { job_id: id }));
}

/** A job's state in a word or two. Not its status: that is `running` too where nothing could be placed. */
export function stateOf({ Stop, Status, Version }: Job): string {
  return `version ${Version}${Stop ? ", stopped" : Status === "dead" ? ", dead" : ""}`;
}
