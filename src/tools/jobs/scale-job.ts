import * as z from "zod";
import { jobs } from "../../endpoints/jobs.ts";
import { parameters } from "../../mcp/parameters.ts";
import { atRest } from "../../nomad/jobs/change/effect.ts";
import { planScale, scale } from "../../nomad/jobs/change/scale.ts";
import { tellRegistered } from "../../nomad/jobs/file/register.ts";
import { exactJob } from "../../nomad/jobs/find.ts";
import { previewJob } from "../../nomad/jobs/preview.ts";
import { under } from "../../text/answer.ts";
import { defineTool } from "../context.ts";

export const scaleJob = defineTool({
  name: "scale_job",
  title: "Scale a job",
  description: "Set how many allocations a group of a job has, and tell how that ends. Without group: its only one.",
  risk: "destructive",
  needs: ["list-jobs", "read-job", "scale-job"],
  helps: ["node:read", "read-logs", "submit-job|plan-job"],
  idempotent: true,
  openWorld: true,
  input: {
    job_id: parameters.job_id,
    group: z.string().max(128).optional(),
    count: z.int().min(0).max(1_000_000),
    wait_seconds: parameters.wait_seconds,
  },
  async preview({ job_id, group, count }, call) {
    const { nomad, id } = await exactJob(call.nomad, job_id);
    const planned = planScale(await nomad.get(jobs.get, { job_id: id }), group, count);
    return await previewJob(
      nomad,
      id,
      `Scale group ${planned.group.Name} of ${id}: ${planned.group.Count} -> ${count}`,
    );
  },
  async run({ job_id, group, count, wait_seconds }, { nomad: here, report, started }) {
    const { nomad, id } = await exactJob(here, job_id);
    const planned = planScale(await nomad.get(jobs.get, { job_id: id }), group, count);
    if (planned.group.Count === count) {
      return under(
        `${id} has count ${count} in group ${planned.group.Name} already (namespace ${nomad.namespace}), so nothing was scaled`,
        await atRest(nomad, id, { reschedule: false }),
      );
    }
    return await tellRegistered(nomad, await scale(nomad, planned), {
      jobId: id,
      until: started + wait_seconds * 1000,
      report,
    });
  },
});
