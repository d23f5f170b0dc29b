import { NomadError } from "../../../api/errors/errors.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import type { Job } from "../../../endpoints/job.ts";
import { type JobSubmission, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { seal, unseal } from "../../../text/sealed.ts";
import { orMissing } from "../find.ts";
import { hclString } from "./hcl-string.ts";
import { isObject, type JobSpec, readJobJson } from "./job-json.ts";

/** The source of a version; undefined where Nomad has none (submitted without one, too large, or collected). */
export async function storedSubmission(
  nomad: NomadClient,
  jobId: string,
  version: number,
): Promise<JobSubmission | undefined> {
  return await orMissing(nomad.get(jobs.submission, { job_id: jobId, version }));
}

/**
 * A job as its present version was submitted; undefined where Nomad has no source of it or it cannot be read any more.
 * HCL is parsed by Nomad.
 */
export async function submittedJob(nomad: NomadClient, job: Job): Promise<JobSpec | undefined> {
  try {
    const stored = await storedSubmission(nomad, job.ID, job.Version);
    if (stored === undefined) return undefined;
    if (stored.Format === "json") return readJobJson(stored.Source);
    const variables = [stored.Variables, ...Object.entries(stored.VariableFlags ?? {}).map(assignment)].join("\n");
    return await nomad.ask(
      jobs.parse,
      {},
      {
        JobHCL: stored.Source,
        Variables: variables,
        Canonicalize: false,
      },
    );
  } catch (error) {
    const unreadable = error instanceof NomadError && ["validation", "bad_argument", "forbidden"].includes(error.kind);
    if (unreadable || error instanceof Refusal) return undefined;
    throw error;
  }
}

/** A flag's value is plain text for a variable of a primitive type, which takes quoted text as well, else an expression. */
function assignment([name, value]: [string, string]): string {
  if (/^\s*[[{]/.test(unseal(value))) return `${name} = ${value}`;
  return `${name} = ${seal(hclString(value))}`;
}

/** The names of the groups whose scaling policy a job has enabled; one that does not say is enabled (api, scaling.go). */
export function scaledGroups(spec: JobSpec): string[] {
  const groups: unknown[] = Array.isArray(spec.TaskGroups) ? spec.TaskGroups : [];
  return groups.flatMap((group) => {
    if (!isObject(group) || !isObject(group.Scaling)) return [];
    return typeof group.Name === "string" && group.Scaling.Enabled !== false ? [group.Name] : [];
  });
}
