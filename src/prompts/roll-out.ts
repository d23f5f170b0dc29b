import type { Prompt, PromptContext } from "../mcp/prompts.ts";
import { foundText } from "./found.ts";

export const rollOut: Prompt = {
  name: "roll-out",
  title: "Roll out what the files say",
  description: "Plan every file that differs from what runs, show that, and after a yes submit them one by one",
  arguments: [],
  needs: ["find_drift", "plan_job", "submit_job_file"],
  async texts(_, context) {
    const found = await context.fetch(["find_drift", {}]);
    return [steps(context), ...(found ? [foundText(found)] : [])];
  },
};

function steps({ offers }: PromptContext): string {
  const undo = offers("revert_job") ? "revert_job to the version before" : "submitting the file of the version before";
  const all = [
    "Call plan_job with file= for each file below that differs, and note its check_index. Leave out those of which only counts that scaling set differ, those that do not run and those that were stopped.",
    "Show me one line a job: what is created, replaced and stopped, what does not fit, and every warning. Say where what runs is newer than the file: submitting would take that back.",
    "Below that list in two others what has a file and does not run, and what was stopped, which somebody may have meant: ask me of each whether it is to run, and plan it only where I say so.",
    "Ask me for a yes to this list, and wait for it. Change nothing before.",
    "After my yes submit them one by one with submit_job_file file= and the check_index of its plan, preserve_counts=true where scaling set counts. Wait until each is healthy before the next.",
    `Stop at the first that is refused or does not get healthy: say why, with the evidence, and propose ${undo}. Do that only after another yes.`,
    "At the end say what was rolled out, what was not, and why.",
  ];
  return ["Roll out what the team's job files say, with me:", ...all.map((text, at) => `${at + 1}. ${text}`)].join(
    "\n",
  );
}
