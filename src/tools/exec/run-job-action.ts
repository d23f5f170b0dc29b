import * as z from "zod";
import { jobs } from "../../endpoints/jobs.ts";
import { parameters } from "../../mcp/parameters.ts";
import { mostShown } from "../../nomad/allocations/exec/output.ts";
import { commandLine, commandLines, placeOf } from "../../nomad/allocations/exec/words.ts";
import { previewAllocation } from "../../nomad/allocations/preview.ts";
import { readyAction, runAction } from "../../nomad/jobs/actions/run-action.ts";
import { defineTool } from "../context.ts";

export const runJobAction = defineTool({
  name: "run_job_action",
  title: "Run an action of a job",
  description:
    "Run a command to which the job's author gave a name, in a task that runs; tells its output and exit code. An unknown name lists them.",
  risk: "destructive",
  needs: ["alloc-exec", "alloc-node-exec", "list-jobs", "read-job"],
  openWorld: true,
  traceless: true,
  input: {
    job_id: parameters.job_id,
    action: z.string().max(128),
    group: z.string().max(128).optional(),
    task: z.string().max(128).optional(),
    allocation_id: parameters.allocation_id.optional(),
    wait_seconds: z.int().min(0).max(45).default(20),
    max_output: z.int().min(500).max(mostShown).default(8_000).describe("Bytes"),
  },
  async preview({ job_id, ...asked }, call) {
    const { nomad, allocation, task, action } = await readyAction(call.nomad, job_id, asked);
    const what = `Run action ${action.name} in ${placeOf(allocation, task)}: ${commandLine(action.command)}`;
    const { text, stamp } = previewAllocation(nomad, allocation, what, ...commandLines(task, undefined));
    // Read last: a change that is sent upon this comes right behind it.
    const { JobModifyIndex } = await nomad.get(jobs.get, { job_id: allocation.JobID });
    return { text, stamp: `${stamp} ${JobModifyIndex}` };
  },
  async run({ job_id, wait_seconds, max_output, ...asked }, call) {
    const ready = await readyAction(call.nomad, job_id, asked);
    const until = call.started + wait_seconds * 1000;
    return await runAction(ready, { until, budget: max_output, chosen: asked.allocation_id === undefined });
  },
});
