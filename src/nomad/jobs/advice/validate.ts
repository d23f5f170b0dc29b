import { jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { JobSpec } from "../file/job-json.ts";
import { complaintLines, warningLines } from "../file/refused.ts";

/** What Nomad's own validation says of a job. It does not look into a task's config: that does the driver, on a node. */
export interface Validation {
  /** Why Nomad would refuse the job, a line each. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** `POST /v1/validate/job`: an invalid job is no failed request, its errors stand in the answer. */
export async function validate(nomad: NomadClient, spec: JobSpec): Promise<Validation> {
  const { Error: text, Warnings } = await nomad.ask(jobs.validate, {}, { Job: spec });
  return { errors: complaintLines(text), warnings: warningLines(Warnings, spec) };
}
