import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { exactJob } from "../../nomad/jobs/find.ts";
import { tagVersion, untagVersion } from "../../nomad/jobs/versions/tag.ts";
import { defineTool } from "../context.ts";

export const tagJobVersion = defineTool({
  name: "tag_job_version",
  title: "Tag a job's version",
  description:
    "Name a version of a job, so that it is kept and revert_job takes it by that name; or take the name away. Without version the current one.",
  risk: "write",
  needs: ["list-jobs", "read-job", "submit-job|tag-job-version"],
  idempotent: true,
  input: {
    job_id: parameters.job_id,
    tag: z.string().max(128),
    version: parameters.version,
    description: z.string().max(1000).optional(),
    remove: z.boolean().default(false),
  },
  async run({ job_id, tag, version, description, remove }, call) {
    const { nomad, id } = await exactJob(call.nomad, job_id);
    if (remove) return await untagVersion(nomad, id, { tag, version });
    return await tagVersion(nomad, id, { tag, version, description });
  },
});
