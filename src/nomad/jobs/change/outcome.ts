import { NomadError } from "../../../api/errors/errors.ts";
import { literal } from "../../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import { type Deployment, deployments } from "../../../endpoints/deployments.ts";
import type { Evaluation } from "../../../endpoints/evaluations.ts";
import { type JobSummary, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { fromNanoseconds } from "../../../text/time.ts";
import { taskTrouble } from "../../allocations/task-trouble.ts";
import { isActive } from "../../deployments/words.ts";
import { ended } from "../../evaluations/follow.ts";
import { alarm, changes, kept } from "../../shared/changes.ts";
import { judge } from "../health/health.ts";
import { finishes, type JobState, readJobState } from "../health/job-state.ts";
import type { Verdict } from "../health/verdict.ts";
import { progress, summed } from "./progress.ts";

/** What was seen of a job. */
export interface Look {
  readonly state: JobState;
  readonly verdict: Verdict;
  /** True where the time was over before the verdict was clear. */
  readonly over: boolean;
}

/** How an outcome is waited for. */
export interface Waiting {
  readonly jobId: string;
  /** When the last look begins, ms, by this machine's clock. */
  readonly lookBy: number;
  /** Aborts when the time is over, the last look's as well. */
  readonly limit: AbortSignal;
  report(message: string): void;
}

/** A look is a round of seven requests, so they are this far apart at least, in ms. */
const lookPause = 1_000;
/** A task that fails beside others or before it ever ran changes no summary: the newest allocations are read so often, in ms. */
const peekPause = 5_000;
/** An evaluation that the scheduler has at the moment of a look is waited for so long, in ms; it takes 10 to 30. */
const schedulerPatience = 1_000;
/** So long after a failure, in ms, what the scheduler makes of it is still to come. */
const decisionTime = 2_000;
/** Where no deployment judges it, a start is believed after this long, in ms: Nomad's own min_healthy_time. */
const usualProof = 10_000;

/**
 * Waits until it is clear what became of a processed evaluation. Blocks on the deployment and on the summary (observed
 * §3: they wake for this job alone) and looks at the whole job only where one of them gives cause. The client's requests
 * end with `waiting.limit`.
 */
export async function outcome(nomad: NomadClient, evaluation: Evaluation, waiting: Waiting): Promise<Look> {
  const first = await look(nomad, waiting);
  const begun = whatBegan(first.state, evaluation);
  // What is blocked waits for the cluster to change: that is the verdict.
  if (evaluation.BlockedEval || isClear(first, begun, 0)) return first;
  const end = new AbortController();
  try {
    return await watch(nomad, nomad.within(end.signal), first, begun, waiting);
  } finally {
    end.abort();
  }
}

async function watch(
  nomad: NomadClient,
  watching: NomadClient,
  first: Look,
  begun: Begun,
  waiting: Waiting,
): Promise<Look> {
  const { jobId, lookBy } = waiting;
  const never = Number.POSITIVE_INFINITY;
  // Times of what is seen are the server's; only the end of the time is ours.
  let seen = first;
  let lookedAt = nomad.now();
  let lookAt = undecided(seen.state) ? lookedAt + lookPause : never;
  let peekAt = lookedAt + peekPause;
  // A batch job that runs is not at its end: only what is an outcome can prove itself.
  const runs = ({ verdict }: Look) => verdict.condition === "running" && verdict.settled;
  let runningSince = runs(seen) ? lookedAt : undefined;
  let summary = seen.state.summary;
  let newest: readonly AllocationStub[] = seen.state.latest;
  let deployment = watchDeployment(watching, seen.state, lookBy);
  const nextSummary = changes(watching, jobs.summary, { job_id: jobId }, lookBy);
  let summaryWake = kept(nextSummary());

  while (Date.now() < lookBy) {
    waiting.report(progress(deployment?.value, summary, newest));
    const provenAt = runningSince === undefined ? never : runningSince + begun.proof;
    const timer = alarm(Math.min(Math.min(lookAt, peekAt, provenAt) - nomad.now(), lookBy - Date.now()));
    const woken = await Promise.race([
      timer.rings,
      summaryWake.then((value) => value && { summary: value }),
      ...(deployment ? [deployment.wake.then((value) => value && { deployment: value })] : []),
    ]).finally(timer.cancel);
    // Nothing has changed in all the time that there was.
    if (woken === undefined) break;

    const now = nomad.now();
    const soon = Math.max(now, lookedAt + lookPause);
    if (woken !== "alarm" && "summary" in woken) {
      const quiet = deployment === undefined && starting(woken.summary) === 0;
      if (quiet || setBack(summary, woken.summary)) lookAt = soon;
      summary = woken.summary;
      summaryWake = kept(nextSummary());
    }
    if (woken !== "alarm" && "deployment" in woken && deployment !== undefined) {
      deployment = { ...deployment, value: woken.deployment, wake: kept(deployment.next()) };
      if (!goesOn(woken.deployment)) lookAt = soon;
    }
    if (now >= peekAt) {
      peekAt = now + peekPause;
      const hidden = severalTasks(seen.state) || starting(summary) > 0;
      if (hidden) {
        newest = await readNewest(nomad, seen.state);
        if (troubled(newest, now)) lookAt = now;
      }
    }
    if (now >= Math.min(lookAt, provenAt)) {
      seen = await look(nomad, waiting);
      newest = seen.state.latest;
      lookedAt = now;
      // What the scheduler makes of a failure need not change what is watched.
      lookAt = undecided(seen.state) ? now + lookPause : never;
      runningSince = runs(seen) ? (runningSince ?? now) : undefined;
      if (isClear(seen, begun, runningSince === undefined ? 0 : now - runningSince)) return seen;
      const [last] = seen.state.deployments;
      const same = last !== undefined && last.ID === deployment?.value.ID && isActive(last);
      if (!same) deployment = watchDeployment(watching, seen.state, lookBy);
    }
  }
  return await lastLook(nomad, seen, begun, waiting);
}

async function look(nomad: NomadClient, { jobId, lookBy }: Waiting): Promise<Look> {
  let state = await readJobState(nomad, jobId);
  // What the scheduler is at just now, such as a failure of a moment ago, may be over before the answer is read.
  const current = state.evaluations.find(({ Status, WaitUntil }) => Status === "pending" && !WaitUntil);
  if (current !== undefined) {
    await ended(nomad, current.ID, Math.min(lookBy, Date.now() + schedulerPatience));
    state = await readJobState(nomad, jobId);
  }
  return { state, verdict: await judge(state), over: false };
}

/** Looks once more where there is time; what was seen before stands otherwise. */
async function lastLook(nomad: NomadClient, seen: Look, begun: Begun, waiting: Waiting): Promise<Look> {
  try {
    const last = await look(nomad, waiting);
    return { ...last, over: !isClear(last, { ...begun, proof: 0 }, 0) };
  } catch (error) {
    if (!(error instanceof NomadError) || !waiting.limit.aborted) throw error;
    return { ...seen, over: true };
  }
}

/** What an evaluation began. */
interface Begun {
  /** True where it started allocations, or a deployment that does. */
  readonly something: boolean;
  /** Allocations of a lower CreateIndex were there before. */
  readonly index: number;
  /** How long, in ms, what was started has to run before it is believed; 0 where a deployment judges that. */
  readonly proof: number;
}

function whatBegan({ job, deployments, latest }: JobState, evaluation: Evaluation): Begun {
  const judged = deployments[0] !== undefined && isActive(deployments[0]);
  const something = judged || latest.some(({ EvalID }) => EvalID === evaluation.ID);
  const times = (job.TaskGroups ?? []).map((group) => fromNanoseconds(group.Update?.MinHealthyTime) ?? usualProof);
  const proof = judged || !something || finishes(job) ? 0 : Math.max(0, ...times);
  return { something, index: evaluation.CreateIndex, proof };
}

/** True where the verdict is an outcome of what began. `running`: for how long the job has been seen to run, ms. */
function isClear({ state, verdict }: Look, begun: Begun, running: number): boolean {
  const { condition, settled, causes } = verdict;
  if (!settled || undecided(state)) return false;
  if (condition === "running") return running >= begun.proof;
  const byAllocations = condition === "crash looping" || condition === "degraded" || condition === "dead";
  if (!byAllocations || !begun.something || causes.length === 0) return true;
  // What failed before is no outcome of it, although it is still to be seen.
  return causes.some(({ allocation }) => allocation === undefined || allocation.CreateIndex >= begun.index);
}

/** True where an allocation has failed so lately that the scheduler may not have looked at it yet. */
function undecided({ nomad, current }: JobState): boolean {
  return current.some(({ ClientStatus, FollowupEvalID, ModifyTime }) => {
    const since = nomad.now() - (fromNanoseconds(ModifyTime) ?? 0);
    return ClientStatus === "failed" && FollowupEvalID === "" && since < decisionTime;
  });
}

interface DeploymentWatch {
  readonly value: Deployment;
  readonly next: () => Promise<Deployment | undefined>;
  readonly wake: Promise<Deployment | undefined>;
}

function watchDeployment(
  watching: NomadClient,
  { deployments: [value] }: JobState,
  until: number,
): DeploymentWatch | undefined {
  if (value === undefined || !isActive(value)) return undefined;
  const next = changes(watching, deployments.get, { deployment_id: value.ID }, until);
  return { value, next, wake: kept(next()) };
}

/** False where a deployment has ended, or waits for somebody. */
function goesOn({ Status, TaskGroups }: Deployment): boolean {
  const groups = Object.values(TaskGroups ?? {});
  const canaries = groups.filter(({ DesiredCanaries, Promoted }) => DesiredCanaries > 0 && !Promoted);
  const waits = canaries.length > 0 && canaries.every((group) => group.HealthyAllocs >= group.DesiredCanaries);
  return ["initializing", "pending", "running"].includes(Status) && !waits;
}

const starting = (summary: JobSummary | undefined) => summed(summary, (group) => group.Starting);

/** True where allocations failed, or went back from running to starting: their task restarts. */
function setBack(before: JobSummary | undefined, after: JobSummary): boolean {
  const ended = (summary: JobSummary | undefined) => summed(summary, ({ Failed, Lost }) => Failed + Lost);
  const left = (summary: JobSummary | undefined) => summed(summary, ({ Running, Complete }) => Running + Complete);
  return ended(after) > ended(before) || left(after) < left(before);
}

/** The newest allocations of the job's version, which tell of tasks what the summary may not show. */
async function readNewest(nomad: NomadClient, { job }: JobState): Promise<AllocationStub[]> {
  const query = { filter: `JobID == ${literal(job.ID)}`, reverse: true, per_page: 5 };
  const { items } = await nomad.list(allocations.list, query);
  return items.filter(({ JobVersion }) => JobVersion === job.Version);
}

function troubled(newest: readonly AllocationStub[], now: number): boolean {
  const states = newest.flatMap((each) => Object.values(each.TaskStates ?? {}));
  return states.some((task) => taskTrouble(task, now)?.present);
}

const severalTasks = ({ job }: JobState) => (job.TaskGroups ?? []).some((group) => (group.Tasks ?? []).length > 1);
