import { jobs } from "../../endpoints/jobs.ts";
import { parameters } from "../../mcp/parameters.ts";
import { atRest, effectOf } from "../../nomad/jobs/change/effect.ts";
import { follow } from "../../nomad/jobs/change/follow.ts";
import { registerStarted } from "../../nomad/jobs/change/start.ts";
import { exactJob } from "../../nomad/jobs/find.ts";
import { following, under } from "../../text/answer.ts";
import { defineTool } from "../context.ts";

export const startJob = defineTool({
  name: "start_job",
  title: "Start a job",
  description:
    "Start a stopped job again as it was, and say how that ends. For jobs that stop_job stopped; a changed job is submitted instead.",
  risk: "write",
  needs: ["list-jobs", "read-job", "submit-job|register-job"],
  helps: ["host-volume-read", "node:read", "operator:read", "read-logs", "submit-job|plan-job"],
  openWorld: true,
  idempotent: true,
  input: { job_id: parameters.job_id, wait_seconds: parameters.wait_seconds },
  async run({ job_id, wait_seconds }, call) {
    const { nomad, id } = await exactJob(call.nomad, job_id);
    const job = await nomad.get(jobs.get, { job_id: id });
    const where = `(namespace ${nomad.namespace})`;
    const wanted = { reschedule: false };
    if (!job.Stop) {
      return under(`${id} is not stopped ${where}, so nothing was started`, await atRest(nomad, id, wanted));
    }
    const { change, notes } = await registerStarted(nomad, job);
    const followed = await follow(nomad, {
      jobId: id,
      evaluationId: change.EvalID,
      until: call.started + wait_seconds * 1000,
      report: call.report,

      tell: (bounded, evaluation, outcome) => effectOf(bounded, evaluation, wanted, outcome),
    });
    const said = following(`${id} started again ${where}; `, followed);
    return {
      ...said,
      details: [...(said.details ?? []), ...notes],
      data: { job_id: id, namespace: nomad.namespace, evaluation_id: change.EvalID, ...followed.data },
    };
  },
});
