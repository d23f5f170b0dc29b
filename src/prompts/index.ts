import type { Prompt, PromptArgument } from "../mcp/prompts.ts";
import type { Completers } from "../resources/completers.ts";
import { clusterHealth } from "./cluster-health.ts";
import { deploy } from "./deploy.ts";
import { diagnoseJob } from "./diagnose-job.ts";
import { reviewDrift } from "./review-drift.ts";
import { reviewJobFile } from "./review-job-file.ts";
import { rollOut } from "./roll-out.ts";

/** What every prompt takes where there are several clusters. */
export function clusterArgument({ cluster }: Completers): PromptArgument {
  return { name: "cluster", description: "Which cluster", required: false, max: 128, complete: cluster };
}

/** Every prompt, in the order in which hosts show them. */
export function nomadPrompts(completers: Completers): Prompt[] {
  return [diagnoseJob(completers), clusterHealth, reviewJobFile, deploy, reviewDrift, rollOut];
}
