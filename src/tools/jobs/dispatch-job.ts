import * as z from "zod";
import { jobs } from "../../endpoints/jobs.ts";
import { blocks, parameters } from "../../mcp/parameters.ts";
import { checkInput, dispatch, inputText, type RunInput } from "../../nomad/jobs/change/dispatch.ts";
import { follow } from "../../nomad/jobs/change/follow.ts";
import { refuseUnlaunchable } from "../../nomad/jobs/change/launchable.ts";
import { exactJob, type FoundJob } from "../../nomad/jobs/find.ts";
import { previewJob } from "../../nomad/jobs/preview.ts";
import { following } from "../../text/answer.ts";
import { type Context, defineTool } from "../context.ts";

export const dispatchJob = defineTool({
  name: "dispatch_job",
  title: "Dispatch a job",
  description:
    "Start one run of a parameterized job and say how it ended. Its meta and payload are checked against what the job takes.",
  risk: "destructive",
  needs: ["dispatch-job", "list-jobs", "read-job"],
  openWorld: true,
  input: {
    job_id: parameters.job_id,
    // More than Nomad takes, so that what is too long is answered with what to do.
    payload: z.string().max(131_072).register(blocks, {}).optional().describe("Text, at most 16 KiB"),
    meta: z.record(z.string().max(256), z.string().max(16_384)).default({}),
    wait_seconds: parameters.wait_seconds,
  },
  async preview({ job_id, payload, meta }, call) {
    const { nomad, id } = await dispatchable(job_id, { payload, meta }, call);
    return await previewJob(nomad, id, `Start one run of ${id} with ${inputText({ payload, meta })}`);
  },
  async run({ job_id, payload, meta, wait_seconds }, call) {
    const { nomad, id } = await dispatchable(job_id, { payload, meta }, call);
    const run = await dispatch(nomad, id, { payload, meta }, call);
    const followed = await follow(nomad, {
      ...run,
      until: call.started + wait_seconds * 1000,
      report: call.report,
    });
    return following(`${id} dispatched (namespace ${nomad.namespace}) as ${run.jobId}; `, followed);
  },
});

async function dispatchable(jobId: string, input: RunInput, call: Context): Promise<FoundJob> {
  const found = await exactJob(call.nomad, jobId);
  const job = await found.nomad.get(jobs.get, { job_id: found.id });
  refuseUnlaunchable(found.nomad, job, "parameterized");
  checkInput(job, input);
  return found;
}
