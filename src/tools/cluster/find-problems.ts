import { NomadError, type Refusal } from "../../api/errors.ts";
import { parameters } from "../../mcp/parameters.ts";
import { toolOrCommand } from "../../nomad/next-step.ts";
import { given, type Part } from "../../nomad/parts.ts";
import { failingProblems } from "../../nomad/problems/failing.ts";
import { gather } from "../../nomad/problems/gather.ts";
import { type Jobs, seeJobs } from "../../nomad/problems/jobs-seen.ts";
import { type Look, lookAround, type Rows } from "../../nomad/problems/look.ts";
import { nodeProblems } from "../../nomad/problems/nodes.ts";
import { deploymentProblems, placingProblems } from "../../nomad/problems/placing.ts";
import { type Problem, problemText, worstFirst } from "../../nomad/problems/problem.ts";
import { serverProblems } from "../../nomad/problems/servers.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { grouped, lines, plural } from "../../text/words.ts";
import { defineTool } from "../context.ts";

/** Of so many causes the answer says what to do next. */
const mostSteps = 3;

export const findProblems = defineTool({
  name: "find_problems",
  title: "Find problems",
  description:
    "Tell what is wrong in the whole cluster, by cause and worst first: servers, nodes, jobs that fail or find no place, deployments. Start here when you do not know where the trouble is; it looks at all namespaces unless one is named.",
  risk: "read",
  needs: ["list-jobs", "read-job"],
  helps: ["node:read", "operator:read"],
  openWorld: true,
  input: { limit: parameters.limit(15, 100).describe("Causes") },
  async run({ limit, namespace }, { nomad, signal, offers }) {
    const look = await lookAround(nomad.in(namespace ?? "*"), signal);
    const jobs = seeJobs(look);
    // In this order: a job is told under the first cause that explains it.
    const ofNodes = await nodeProblems(look, jobs, signal);
    const ofJobs = [...placingProblems(jobs), ...failingProblems(look, jobs), ...deploymentProblems(look, jobs)];
    const problems = worstFirst([...serverProblems(look), ...ofNodes, ...ofJobs]);
    const shown = problems.slice(0, limit);
    const whole = look.nomad.namespace === "*" ? "in all namespaces" : `of jobs only namespace ${look.nomad.namespace}`;
    return lines(
      headline(look, jobs, problems),
      shown.length > 0 &&
        `\n${shown.map((problem, index) => `${index + 1}. ${problemText(problem, nomad.home)}`).join("\n")}\n`,
      problems.length > limit &&
        `(${problems.length - limit} lesser ones left out: limit=${problems.length} shows all)`,
      problems.length === 0 && `Looked at servers, nodes, jobs, allocations and deployments, ${whole}.`,
      bounds(look),
      unseen(look),
      nextLine(shown, nomad, offers),
    );
  },
});

function headline(look: Look, jobs: Jobs, problems: readonly Problem[]): string {
  const nodes = given(look.nodes)?.items;
  const ready = nodes?.filter(({ Status }) => Status === "ready").length;
  const leader = given(look.leader);
  const affected = new Set(problems.flatMap(({ jobs }) => jobs.map(({ namespace, id }) => `${namespace}\n${id}`)));
  const all = plural(jobs.rows.size, "job");
  const parts = [
    given(look.jobs) && (problems.length > 0 ? `${grouped(affected.size)} of ${all} affected` : all),
    nodes && (ready === nodes.length ? plural(ready, "node") : `${ready} of ${plural(nodes.length, "node")} ready`),
    leader && `leader ${leader}`,
  ].filter(Boolean);
  const verdict =
    problems.length === 0 ? "Nothing wrong" : plural(problems.length, "cause of trouble", "causes of trouble");
  return parts.length > 0 ? `${verdict}: ${parts.join(", ")}` : verdict;
}

/** Where it stopped looking. */
function bounds({ jobs, nodes, blocked, away, lost, deployments }: Look): string | undefined {
  const cut = (part: Part<Rows<unknown>>, what: string) => {
    const rows = given(part);
    return rows && !rows.complete ? [`${grouped(rows.items.length)} of more ${what}`] : [];
  };
  const all = [
    ...cut(jobs, "jobs"),
    ...cut(nodes, "nodes"),
    ...cut(blocked, "blocked evaluations"),
    ...cut(away, "allocations that should run and do not"),
    ...cut(lost, "lost allocations"),
    ...cut(deployments, "deployments"),
  ];
  return all.length > 0 ? `Not all was looked at: ${all.join(", ")}.` : undefined;
}

/** What could not be looked at, and why; what the scheduler is set to takes the same permission as the servers' health. */
function unseen(look: Look): string | undefined {
  if (given(look.leader) === "") return "Nothing else can be read until they have one.";
  const failed = (part: Part<unknown>, what: string, needs: string) =>
    "failed" in part ? [{ what, why: why(part.failed, needs) }] : [];
  const all = [
    ...failed(look.jobs, "jobs", "list-jobs"),
    ...failed(look.away, "allocations", "read-job"),
    ...failed(look.blocked, "evaluations", "read-job"),
    ...failed(look.deployments, "deployments", "read-job"),
    ...failed(look.nodes, "nodes", 'node { policy = "read" }'),
    ...failed(look.autopilot, "the servers' health", 'operator { policy = "read" }'),
  ];
  const parts = [...gather(all, (each) => each.why)].map(
    ([why, whats]) => `${whats.map(({ what }) => what).join(", ")} (${why})`,
  );
  return parts.length > 0 ? `Not seen: ${parts.join("; ")}.` : undefined;
}

function why(error: NomadError | Refusal, needs: string): string {
  if (!(error instanceof NomadError)) return error.message;
  if (error.kind === "forbidden") return `the token needs ${needs}`;
  return error.kind === "cancelled" || error.kind === "timeout" ? "no answer in time" : error.reply.slice(0, 80);
}

/** For the worst causes what to do, or the job to look at first. */
function nextLine(
  problems: readonly Problem[],
  nomad: NomadClient,
  offers: (tool: string) => boolean,
): string | undefined {
  const steps = problems.slice(0, mostSteps).flatMap(({ next, jobs: [job] }, index) => {
    const step = next ?? (job && jobStep(nomad.in(job.namespace), job.id, offers));
    return step ? [`${index + 1}: ${step}`] : [];
  });
  return steps.length > 0 ? `Next: ${steps.join("; ")}` : undefined;
}

function jobStep(nomad: NomadClient, id: string, offers: (tool: string) => boolean): string {
  const tool = offers("diagnose_job") ? "diagnose_job" : "get_job_status";
  return toolOrCommand(nomad, offers, [tool, { job_id: id }], ["job status", id]);
}
