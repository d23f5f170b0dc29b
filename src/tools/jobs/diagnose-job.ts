import { parameters } from "../../mcp/parameters.ts";
import { type Diagnosis, diagnose } from "../../nomad/jobs/diagnose/diagnose.ts";
import { clock } from "../../nomad/jobs/diagnose/timeline.ts";
import { jobTitle } from "../../nomad/jobs/health/job-state.ts";
import { causesText, headlineText, verdictData } from "../../nomad/jobs/health/verdict.ts";
import { lines } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const diagnoseJob = defineTool({
  name: "diagnose_job",
  title: "Diagnose a job",
  description:
    "Say what is wrong with a job: the cause with its evidence, what changed, who else is affected, the last hour in order, and what to do. Use it when something is down or odd.",
  risk: "read",
  needs: ["list-jobs", "read-job"],
  helps: ["host-volume-read", "node:read", "operator:read", "read-logs", "submit-job|plan-job"],
  openWorld: true,
  input: { job_id: parameters.job_id },
  async run({ job_id }, { nomad }) {
    const found = await diagnose(nomad, job_id);
    const { job, note, verdict, runs, missed } = found;
    return {
      note,
      headline: `${jobTitle(job)}: ${headlineText(verdict)}`,
      sections: [
        causesText(verdict.causes),
        block("Changed:", found.changed),
        block("Around:", found.nodes),
        runs && `Runs: ${runs}`,
        timeline(found),
        missed.length > 0 && `Not seen: ${missed.join(", ")}`,
      ],
      next: found.next,
      numbered: true,
      data: { job_id: job.ID, namespace: job.Namespace, ...verdictData(verdict) },
    };
  },
});

/** The first line behind the heading, the others under it. */
function block(heading: string, [first, ...rest]: readonly string[]): string {
  return first === undefined ? "" : lines(`${heading} ${first}`, ...rest.map((line) => `  ${line}`));
}

function timeline({ timeline: happened, now }: Diagnosis): string {
  return happened.length === 0
    ? ""
    : lines(`Last hour (UTC, now ${clock(now)}):`, ...happened.map((line) => `  ${line}`));
}
