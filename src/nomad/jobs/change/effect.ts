import { Refusal } from "../../../api/errors/refusal.ts";
import { literal } from "../../../api/request/path.ts";
import { allocations } from "../../../endpoints/allocations.ts";
import type { Evaluation } from "../../../endpoints/evaluations.ts";
import { jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { type Answer, following, under } from "../../../text/answer.ts";
import { all, lines, plural } from "../../../text/words.ts";
import { isActive } from "../../deployments/words.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import { mayReschedule } from "../health/cures.ts";
import { judge } from "../health/health.ts";
import { finishes, isParent, isSystem, type JobState, readJobState } from "../health/job-state.ts";
import { type Condition, verdictAnswer } from "../health/verdict.ts";
import { anotherRun, launchStep } from "../runs.ts";

/** What one evaluation placed is counted up to here. */
const mostPlaced = 50;

/** What the operator wanted of an evaluation, as far as it matters for what to try next. */
export interface Wanted {
  /** True where failed allocations were to be placed again although their delay or attempts say otherwise. */
  readonly reschedule: boolean;
  /** The namespace, where the call named one, so that what to do next names it as well. */
  readonly namespace?: string | undefined;
}

/**
 * What a complete evaluation did, in words: "1 allocation placed, crash looping: ...". Where it placed nothing, why, and
 * what would help (nomad-observed.md §4). Counted by the allocations that carry its id, since the annotations of a plan
 * count what failed as well and, for system jobs, what is there already.
 */
export async function effectOf(
  nomad: NomadClient,
  evaluation: Evaluation,
  wanted: Wanted,
  outcome: () => Promise<Answer>,
): Promise<Answer> {
  if (evaluation.Status !== "complete" || Object.keys(evaluation.FailedTGAllocs ?? {}).length > 0)
    return await outcome();
  const { items, next } = await nomad.list(allocations.list, {
    filter: `EvalID == ${literal(evaluation.ID)} and DesiredStatus == "run"`,
    per_page: mostPlaced,
    task_states: false,
  });
  if (items.length === 0) return (await nothingPlaced(nomad, evaluation.JobID, wanted)) ?? (await outcome());
  const count = `${next === undefined ? "" : "more than "}${plural(items.length, "allocation")}`;
  return following(`${count} placed, `, await outcome());
}

/** Undefined where a deployment goes on all the same: it updates in place, or places later. */
async function nothingPlaced(nomad: NomadClient, jobId: string, wanted: Wanted): Promise<Answer | undefined> {
  const state = await readJobState(nomad, jobId);
  const [deployment] = state.deployments;
  if (deployment !== undefined && isActive(deployment)) return undefined;
  const { why, rest } = await explainRest(state, wanted);
  return under(`nothing was placed, since ${why}`, rest);
}

/** The verdict of a job that is left as it is, with what would change that. */
export async function atRest(nomad: NomadClient, jobId: string, wanted: Wanted): Promise<Answer> {
  return (await explainRest(await readJobState(nomad, jobId), wanted)).rest;
}

async function explainRest(state: JobState, wanted: Wanted): Promise<{ why: string; rest: Answer }> {
  const verdict = await judge(state);
  const { why, next, also } = reason(state, verdict.condition, wanted);
  return { why, rest: verdictAnswer({ ...verdict, next: next ?? [...verdict.next, ...(also ? [also] : [])] }) };
}

/**
 * Refuses a job that Nomad does not evaluate, since its children run in its place, and says what to use.
 *
 * @throws Refusal for periodic and parameterized jobs, before anything is sent.
 */
export async function refuseParent(nomad: NomadClient, jobId: string): Promise<void> {
  const job = await nomad.get(jobs.get, { job_id: jobId });
  if (!isParent(job)) return;
  const kind = job.Periodic ? "periodic" : "parameterized";
  const start = toolOrCommand(nomad, ["start_job", { job_id: jobId }], ["job start", jobId]);
  const launch = `${launchStep(nomad, job)} ${job.Periodic ? "launches it now" : "starts one"}`;
  const query = { prefix: `${jobId}/`, filter: `ParentID == ${literal(jobId)}`, reverse: true, per_page: 1 };
  const [child] = (await nomad.list(jobs.list, query)).items;
  const evaluate = (id: string) =>
    toolOrCommand(nomad, ["force_evaluate_job", { job_id: id }], ["job eval", "-force-reschedule", id]);
  throw new Refusal(
    lines(
      `${jobId} is ${kind}: it runs nothing itself, so there is nothing to evaluate. Nothing was changed.`,
      `Next: ${job.Stop ? `it is stopped: ${start}` : launch}${child ? `, or for its newest child: ${evaluate(child.ID)}` : ""}`,
    ),
  );
}

/** Why the scheduler had nothing to do, and what works in place of what the verdict names as next, or beside it. */
function reason(
  state: JobState,
  condition: Condition,
  { reschedule }: Wanted,
): { readonly why: string; readonly next?: readonly string[]; readonly also?: string } {
  const { nomad, job, current, deployments } = state;
  if (job.Stop) return { why: "the job is stopped" };
  if (isParent(job)) return { why: "its children run, not the job itself" };
  const id = job.ID;
  const stop = toolOrCommand(nomad, ["stop_job", { job_id: id }], ["job stop", id]);
  const start = toolOrCommand(nomad, ["start_job", { job_id: id }], ["job start", id]);
  const again = job.ParentID === "" ? `${stop}, then ${start}` : anotherRun(nomad, job);
  const failed = current.filter(({ ClientStatus }) => ClientStatus === "failed");
  if (finishes(job) && failed.length === 0 && current.every(({ ClientStatus }) => ClientStatus === "complete")) {
    return { why: "all of it has finished", next: [`to run it again: ${again}`] };
  }
  const down = (job.TaskGroups ?? []).filter(({ Name }) => failed.some(({ TaskGroup }) => TaskGroup === Name));
  const fixed = isSystem(job) ? [] : down.filter((group) => !mayReschedule(group));
  if (fixed.length > 0) {
    const submit = toolOrCommand(nomad, ["submit_job_file", {}], ["job run"]);
    const names = `${fixed.length === 1 ? "group" : "groups"} ${all(fixed.map(({ Name }) => Name))}`;
    const purge = toolOrCommand(nomad, ["stop_job", { job_id: id, purge: true }], ["job stop", "-purge", id]);
    const next = [`${submit} with any change of the group, such as its reschedule block`];
    return {
      why: `${names} may not be rescheduled, so that a failed allocation keeps its place`,
      next: finishes(job) ? [`to run it again: ${again}`] : [...next, `${purge}, then ${submit} with the same file`],
    };
  }
  const [deployment] = deployments;
  if (deployment?.Status === "failed" && deployment.JobVersion === job.Version) {
    return {
      why: `the deployment of version ${job.Version} has failed, and a failed deployment places nothing more`,
      also: `once its cause is fixed elsewhere: ${again}`,
    };
  }
  if (failed.length > 0 && !reschedule) {
    return {
      why: "its failed allocations wait for their delay, or their attempts are used up",
      next: [toolOrCommand(nomad, ["force_evaluate_job", { job_id: id }], ["job eval", "-force-reschedule", id])],
    };
  }
  if (failed.length > 0) return { why: "its failed allocations are not placed again now" };
  return { why: condition === "running" ? "all that should run does" : "no allocation waits for a place" };
}
