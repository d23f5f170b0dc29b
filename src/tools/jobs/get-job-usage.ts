import * as z from "zod";
import { jobs } from "../../endpoints/jobs.ts";
import { parameters } from "../../mcp/parameters.ts";
import { readJob } from "../../nomad/jobs/find.ts";
import { isParent } from "../../nomad/jobs/health/job-state.ts";
import { measure } from "../../nomad/jobs/usage/measure.ts";
import { sampleJob, sampleJobs } from "../../nomad/jobs/usage/sample.ts";
import { longest, usageAnswer } from "../../nomad/jobs/usage/usage-text.ts";
import { defineTool } from "../context.ts";

export const getJobUsage = defineTool({
  name: "get_job_usage",
  title: "Job usage",
  description:
    "Memory and CPU that tasks use, as peaks while it looks, beside what they ask for: of one job, or of all that run, those that ask for far too much first.",
  risk: "read",
  needs: ["list-jobs", "read-job"],
  input: {
    job_id: parameters.job_id.optional(),
    follow_seconds: z.int().min(0).max(longest).default(5),
    limit: parameters.limit(25, 100),
    cursor: parameters.cursor,
  },
  async run({ job_id, follow_seconds, limit, cursor }, { nomad, signal, report }) {
    const looking = { seconds: follow_seconds, signal, report };
    if (job_id === undefined) {
      const sample = await sampleJobs(nomad, limit, cursor);
      const all = sample.groups.flatMap(({ taken }) => taken);
      return usageAnswer(nomad, sample, await measure(nomad, all, looking), undefined);
    }
    const found = await readJob(nomad, job_id, async (place, id) => await place.get(jobs.get, { job_id: id }));
    if (isParent(found.value)) {
      const { id, note } = found;
      return {
        note,
        headline: `${id} runs nothing itself, its children do`,
        next: [`list_nomad_jobs prefix=${id}/ include_children=true`],
      };
    }
    const sample = await sampleJob(found.nomad, found.value);
    const all = sample.groups.flatMap(({ taken }) => taken);
    const measured = await measure(found.nomad, all, looking);
    return { note: found.note, ...usageAnswer(found.nomad, sample, measured, found.id) };
  },
});
