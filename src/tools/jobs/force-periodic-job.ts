import * as z from "zod";
import { jobs } from "../../endpoints/jobs.ts";
import { parameters } from "../../mcp/parameters.ts";
import { follow } from "../../nomad/jobs/change/follow.ts";
import { forceLaunch, launchedChild, overlap } from "../../nomad/jobs/change/force-periodic.ts";
import { refuseUnlaunchable } from "../../nomad/jobs/change/launchable.ts";
import { exactJob } from "../../nomad/jobs/find.ts";
import { newestChild, regularLaunch } from "../../nomad/jobs/health/parent.ts";
import { previewJob } from "../../nomad/jobs/preview.ts";
import { listRuns } from "../../nomad/jobs/runs.ts";
import { following } from "../../text/answer.ts";
import { short } from "../../text/words.ts";
import { type Context, defineTool } from "../context.ts";

export const forcePeriodicJob = defineTool({
  name: "force_periodic_job",
  title: "Run a periodic job now",
  description:
    "Launch a periodic job now, beside its schedule, and say how the run ended. To repeat a failed run, or not to wait.",
  risk: "destructive",
  needs: ["dispatch-job|force-periodic-job", "list-jobs", "read-job"],
  helps: ["submit-job|plan-job"],
  openWorld: true,
  input: {
    job_id: parameters.job_id,
    allow_overlap: z.boolean().default(false).describe("Although a run goes on and the job prohibits two"),
    wait_seconds: parameters.wait_seconds,
  },
  async preview({ job_id, allow_overlap }, call) {
    const { nomad, id, job, beside } = await launchable(job_id, allow_overlap, call);
    const newest = await newestChild(nomad, job);
    const what = `Launch ${id} now${beside === undefined ? "" : `, beside ${beside}`}`;
    const { text, stamp } = await previewJob(nomad, id, what);
    // A launch leaves nothing in the job itself.
    return { text, stamp: `${stamp} ${newest?.ID}` };
  },
  async run({ job_id, allow_overlap, wait_seconds }, call) {
    const { nomad, id, job, beside } = await launchable(job_id, allow_overlap, call);
    const schedule = await regularLaunch(nomad, job);
    const launched = await forceLaunch(nomad, job);
    const until = call.started + wait_seconds * 1000;
    const child = await launchedChild(nomad, launched, until);
    const where = `(namespace ${nomad.namespace})`;
    const goesOn = `Its schedule goes on: ${schedule}`;
    if ("fault" in child) {
      return {
        headline: `${id} launched ${where}, evaluation ${short(launched.EvalID)}; which run that is could not be read: ${child.fault}`,
        sections: [goesOn],
        next: [`${listRuns(nomad, id, "periodic")} shows its runs`],
      };
    }
    const followed = await follow(nomad, {
      jobId: child.value,
      evaluationId: launched.EvalID,
      until,
      report: call.report,
    });
    const run = `${child.value}${beside === undefined ? "" : ` beside ${beside}`}`;
    const said = following(`${id} launched ${where} as ${run}; `, followed);
    return { ...said, details: [...(said.details ?? []), goesOn] };
  },
});

async function launchable(jobId: string, allowOverlap: boolean, call: Context) {
  const { nomad, id } = await exactJob(call.nomad, jobId);
  const job = await nomad.get(jobs.get, { job_id: id });
  refuseUnlaunchable(nomad, job, "periodic");
  return { nomad, id, job, beside: await overlap(nomad, job, allowOverlap) };
}
