import { HttpError, multierror } from "../errors.ts";
import type { Call, Reply } from "../http.ts";
import { decodeBody, parseJson } from "../job/decode.ts";
import { orNone } from "../job/diff-parts.ts";
import { examine } from "../job/registry.ts";
import type { Sent } from "../job/sent.ts";
import type { World } from "../world.ts";
import { only } from "./lists.ts";

/** POST /v1/validate/job. What is wrong with a job is no failed request. */
export function validate(world: World, call: Call): Reply {
  only(call, "POST", "PUT");
  const body = decodeBody("JobValidateRequest", parseJson(call.body));
  const job = body.Job as Sent | null;
  if (!job) throw new HttpError(400, "Job must be specified");
  // The namespace is the job's own: the query's is not looked at.
  const { errors, warnings } = examine(world, job, String(job.Namespace ?? "default"));
  const json = {
    DriverConfigValidated: true,
    Error: errors.length > 0 ? multierror(errors) : "",
    ValidationErrors: orNone(errors),
    Warnings: warnings,
  };
  return { json };
}
