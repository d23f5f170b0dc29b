import type { Prompt } from "../mcp/prompts.ts";
import { fileText, foundText, jobFile } from "./found.ts";

export const reviewJobFile: Prompt = {
  name: "review-job-file",
  title: "Review a job file",
  description: "Check a job file and review it as an experienced operator would, without touching anything",
  arguments: [jobFile],
  async texts({ job_file = "" }, { fetch }) {
    const found = await fetch(["validate_job_file", { job_file }]);
    return [
      [
        "Review the Nomad job file that follows, as an operator would who has to run it.",
        "First what keeps it from being accepted or from running; then what will hurt in operation (health checks, update and restart policy, resources, image tags, secrets in plain text); then what is a matter of taste, in one line.",
        "Name the group, the task and the line for each, and show the changed lines of the file. Submit nothing.",
      ].join("\n"),
      fileText(job_file),
      ...(found ? [foundText(found)] : []),
    ];
  },
};
