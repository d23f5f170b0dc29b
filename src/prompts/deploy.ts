import type { Prompt, PromptContext } from "../mcp/prompts.ts";
import { fileText, foundText, jobFile } from "./found.ts";

export const deploy: Prompt = {
  name: "deploy",
  title: "Deploy a job file",
  description: "Plan a job file, show what would change, and after a yes submit it and watch how it ends",
  arguments: [jobFile],
  needs: ["submit_job_file"],
  async texts({ job_file = "" }, context) {
    const found = await context.fetch(["plan_job", { job_file }]);
    return [steps(context), fileText(job_file), ...(found ? [foundText(found)] : [])];
  },
};

function steps({ offers }: PromptContext): string {
  const planned = offers("plan_job");
  const undo = offers("revert_job") ? "revert_job to the version before" : "submitting the file of the version before";
  const all = [
    planned
      ? "Show me in a few lines what the plan below would change: what is created, replaced, updated in place and stopped, what does not fit, and every warning. If the plan failed, say why and stop."
      : "Show me in a few lines what this job file would run and where. It could not be planned: this session has no plan_job.",
    "Ask me for a yes, and wait for it. Change nothing before.",
    planned
      ? "After my yes, call submit_job_file with exactly this job_file and the check_index of the plan. If Nomad refuses it because the job has changed since, call plan_job again and go back to step 1."
      : "After my yes, call submit_job_file with exactly this job_file.",
    "It waits for the outcome. While that is open, look again with get_job_status until it is settled, and tell me how it ended.",
    `If it failed, say why, with the evidence, and propose ${undo}. Do that only after another yes.`,
  ];
  return [
    "Deploy the Nomad job file that follows with me, step by step:",
    ...all.map((text, at) => `${at + 1}. ${text}`),
  ].join("\n");
}
