import { checkProblems } from "./checks.ts";
import { drainedProblems } from "./drained.ts";
import { failingProblems } from "./failing.ts";
import { type Jobs, seeJobs } from "./jobs-seen.ts";
import type { JobsLook } from "./look.ts";
import { nodeProblems } from "./nodes.ts";
import { deploymentProblems, placingProblems } from "./placing.ts";
import { type Problem, worstFirst } from "./problem.ts";

/** What is wrong with the jobs and nodes of a look, the worst first: the one judgement of every list. */
export async function problemsOfJobs(
  look: JobsLook,
  signal: AbortSignal,
): Promise<{ readonly jobs: Jobs; readonly problems: readonly Problem[] }> {
  const jobs = seeJobs(look);
  // In this order: a job is told under the first cause that explains it.
  const ofNodes = await nodeProblems(look, jobs, signal);
  const ofJobs = [
    ...placingProblems(jobs),
    ...failingProblems(look, jobs),
    ...drainedProblems(look, jobs),
    ...checkProblems(look, jobs),
    ...deploymentProblems(look, jobs),
  ];
  return { jobs, problems: worstFirst([...ofNodes, ...ofJobs]) };
}
