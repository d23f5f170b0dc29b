import { defineToolset } from "../context.ts";
import { getJobSpec } from "./get-job-spec.ts";
import { listJobVersions } from "./list-job-versions.ts";
import { planJob } from "./plan-job.ts";
import { revertJob } from "./revert-job.ts";
import { tagJobVersion } from "./tag-job-version.ts";
import { validateJobFile } from "./validate-job-file.ts";

export const specs = defineToolset({
  name: "specs",
  description: "Job specifications",
  tools: [validateJobFile, planJob, getJobSpec, listJobVersions, revertJob, tagJobVersion],
});
