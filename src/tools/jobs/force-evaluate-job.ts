import * as z from "zod";
import { jobs } from "../../endpoints/jobs.ts";
import { parameters } from "../../mcp/parameters.ts";
import { effectOf, refuseParent } from "../../nomad/jobs/change/effect.ts";
import { follow } from "../../nomad/jobs/change/follow.ts";
import { exactJob } from "../../nomad/jobs/find.ts";
import { following } from "../../text/answer.ts";
import { defineTool } from "../context.ts";

export const forceEvaluateJob = defineTool({
  name: "force_evaluate_job",
  title: "Evaluate a job again",
  description:
    "Have the scheduler look at a job again and say what it placed, or why nothing. Use it once the cause is fixed.",
  risk: "write",
  needs: ["list-jobs", "read-job", "submit-job|evaluate-job"],
  helps: ["host-volume-read", "node:read", "operator:read", "read-logs"],
  openWorld: true,
  input: {
    job_id: parameters.job_id,
    reschedule: z.boolean().default(true).describe("Also failed allocations"),
    wait_seconds: parameters.wait_seconds,
  },
  async run({ job_id, reschedule, wait_seconds }, call) {
    const { nomad, id } = await exactJob(call.nomad, job_id);
    await refuseParent(nomad, id);
    const change = await nomad.write(
      jobs.evaluate,
      { job_id: id },
      {
        JobID: id,
        EvalOptions: { ForceReschedule: reschedule },
      },
    );
    const followed = await follow(nomad, {
      jobId: id,
      evaluationId: change.EvalID,
      until: call.started + wait_seconds * 1000,
      report: call.report,

      tell: (bounded, evaluation, outcome) => effectOf(bounded, evaluation, { reschedule }, outcome),
    });
    return {
      ...following(`${id} evaluated again (namespace ${nomad.namespace}); `, followed),
      data: { job_id: id, namespace: nomad.namespace, evaluation_id: change.EvalID, ...followed.data },
    };
  },
});
