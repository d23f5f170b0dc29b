import type { Prompt, PromptContext } from "../mcp/prompts.ts";
import { foundText } from "./found.ts";

export const reviewDrift: Prompt = {
  name: "review-drift",
  title: "Review drift",
  description: "Which jobs differ from their files, why, and which side is right",
  arguments: [],
  needs: ["find_drift"],
  async texts(_, context) {
    const found = await context.fetch(["find_drift", {}]);
    return [steps(context), ...(found ? [foundText(found)] : [])];
  },
};

function steps({ offers }: PromptContext): string {
  const saves = offers("save_job_file");
  const all = [
    "Say in one line how many jobs differ from their files, run without one, and have one and do not run.",
    "Of each that differs say what differs, who or what changed it (a submission by hand, scaling, a revert), and which side is newer. Do not count what an autoscaler set as a fault.",
    "Say of each which side you take for the right one, and why; where that is not clear, ask me.",
    saves
      ? "Propose for each: submit the file (plan_job, then submit_job_file with its check_index), or take what runs into the file (save_job_file, one passage after another with replace and with). Change nothing before my yes to that one job."
      : "Propose for each: submit the file (plan_job, then submit_job_file with its check_index), or have a person take what runs into the file. Change nothing before my yes to that one job.",
  ];
  return [
    "Go through what differs between the team's job files and the cluster with me:",
    ...all.map((text, at) => `${at + 1}. ${text}`),
  ].join("\n");
}
