import type { Prompt } from "../mcp/prompts.ts";
import type { Completers } from "../resources/completers.ts";
import { foundText } from "./found.ts";

export const diagnoseJob = ({ job_id, namespace }: Completers): Prompt => ({
  name: "diagnose-job",
  title: "Diagnose a job",
  description: "Look at a job, find what is wrong with it and why, and propose what to do",
  arguments: [
    { name: "job_id", description: "The job", required: true, max: 1024, complete: job_id },
    { name: "namespace", description: "Its namespace", required: false, max: 128, complete: namespace },
  ],
  needs: ["get_job_status"],
  async texts({ job_id = "", namespace }, { fetch }) {
    const args = { job_id, ...(namespace !== undefined && { namespace }) };
    const found = await fetch(["diagnose_job", args], ["get_job_status", args]);
    return [
      [
        `Say what is wrong with the Nomad job ${JSON.stringify(job_id)} and why, from what follows.`,
        "Begin with the cause in one sentence, then its evidence: an event, a log line, a figure. Tell what is certain from what is likely.",
        "Where the evidence does not reach, look further with the tools that read before you conclude anything.",
        "End with one to three things to do, the safest first. Change nothing before I say so. If nothing is wrong, say just that.",
      ].join("\n"),
      ...(found ? [foundText(found)] : []),
    ];
  },
});
