import { parameters } from "../../mcp/parameters.ts";
import type { Jobs } from "../../nomad/cluster/problems/jobs-seen.ts";
import { notLookedAt, notSeen } from "../../nomad/cluster/problems/limits.ts";
import { type Look, lookAround } from "../../nomad/cluster/problems/look.ts";
import { problemsOfJobs } from "../../nomad/cluster/problems/of-jobs.ts";
import { jobName, type Problem, problemText, worstFirst } from "../../nomad/cluster/problems/problem.ts";
import { serverProblems } from "../../nomad/cluster/problems/servers.ts";
import { takesWork } from "../../nomad/nodes/words.ts";
import { ifOffered, showStep, toolCall } from "../../nomad/shared/next-step.ts";
import { given } from "../../nomad/shared/parts.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { grouped, plural, some } from "../../text/words.ts";
import { defineTool } from "../context.ts";

/** Of so many causes the answer says what to do next. */
const mostSteps = 3;

export const findProblems = defineTool({
  name: "find_problems",
  title: "Find problems",
  description:
    "Tell what is wrong in the whole cluster, by cause and worst first: servers, nodes, jobs that fail or find no place, deployments. Start here when you do not know where the trouble is. In all namespaces, unless one is named.",
  risk: "read",
  needs: ["list-jobs", "read-job"],
  helps: ["node:read", "operator:read"],
  openWorld: true,
  input: { limit: parameters.limit(15, 100).describe("Causes") },
  async run({ limit, namespace }, { nomad, signal }) {
    const look = await lookAround(nomad.in(namespace ?? "*"), signal);
    const { jobs, problems: ofJobs } = await problemsOfJobs(look, signal);
    const problems = worstFirst([...serverProblems(look), ...ofJobs]);
    const shown = problems.slice(0, limit);
    const whole = look.nomad.namespace === "*" ? "in all namespaces" : `of jobs only namespace ${look.nomad.namespace}`;
    return {
      headline: headline(look, jobs, problems),
      sections: [
        shown.length > 0 &&
          `\n${shown.map((problem, index) => `${index + 1}. ${problemText(problem, nomad.home)}`).join("\n")}\n`,
        problems.length > limit && leftOut(problems.slice(limit), problems.length, nomad.home),
        problems.length === 0 && `Looked at servers, nodes, jobs, allocations and deployments, ${whole}.`,
        notLookedAt(look),
        given(look.leader) === "" ? "Nothing else can be read until they have one." : notSeen(look, look.autopilot),
      ],
      next: nextSteps(shown, nomad),
      data: {
        problems: problems.map(({ rank, sentence, jobs: affected, node }) => ({
          rank,
          sentence,
          node,
          jobs: affected.map(({ id, namespace: of }) => ({ job_id: id, namespace: of })),
        })),
      },
    };
  },
});

function headline(look: Look, jobs: Jobs, problems: readonly Problem[]): string {
  const nodes = given(look.nodes)?.items;
  const takes = nodes?.filter(takesWork).length;
  const leader = given(look.leader);
  const affected = new Set(problems.flatMap(({ jobs }) => jobs.map(({ namespace, id }) => `${namespace}\n${id}`)));
  const all = plural(jobs.rows.size, "job");
  const parts = [
    given(look.jobs) && (problems.length > 0 ? `${grouped(affected.size)} of ${all} affected` : all),
    nodes &&
      (takes === nodes.length
        ? plural(takes, "node")
        : `${takes} of ${plural(nodes.length, "node")} ${takes === 1 ? "takes" : "take"} work`),
    leader && `leader ${leader}`,
  ].filter(Boolean);
  const verdict =
    problems.length === 0 ? "Nothing wrong" : plural(problems.length, "cause of trouble", "causes of trouble");
  return parts.length > 0 ? `${verdict}: ${parts.join(", ")}` : verdict;
}

/** The lesser causes by whom they hit: none of them is hidden behind a number. */
function leftOut(rest: readonly Problem[], count: number, home: string): string {
  const names = [...new Set(rest.flatMap(({ jobs }) => jobs.map((job) => jobName({ ...job, note: "" }, home))))];
  const whom = names.length > 0 ? `, of ${some(names, 10)}` : "";
  return `(${plural(rest.length, "lesser cause")} left out${whom}: limit=${count} shows all)`;
}

/** For the worst causes what to do, or the job to look at first. */
function nextSteps(problems: readonly Problem[], nomad: NomadClient): string[] {
  const steps = problems.slice(0, mostSteps).flatMap(({ next, node, jobs: [job] }, index) => {
    const look = node === undefined ? undefined : showStep(nomad, "node", node);
    const step = next ?? look ?? (job && jobStep(nomad.in(job.namespace), job.id));
    return step ? [`${index + 1}: ${step}`] : [];
  });
  return steps.length > 0 ? [steps.join("; ")] : [];
}

function jobStep(nomad: NomadClient, id: string): string {
  return ifOffered("diagnose_job", toolCall(nomad, "diagnose_job", { job_id: id }), showStep(nomad, "job", id));
}
