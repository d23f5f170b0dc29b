import { NomadError } from "../../../api/errors/errors.ts";
import { literal } from "../../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import { type Deployment, deployments } from "../../../endpoints/deployments.ts";
import { type Evaluation, evaluations } from "../../../endpoints/evaluations.ts";
import type { Job, TaskGroup } from "../../../endpoints/job.ts";
import { type JobSummary, jobs, type ScaleStatus } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { some } from "../../../text/words.ts";
import { taskTrouble } from "../../allocations/task-trouble.ts";
import { hasEnded } from "../../allocations/words.ts";
import { orMissing } from "../find.ts";
import { regionsOf } from "../regions.ts";

/** Everything that one parallel round of requests tells of a job (nomad-observed.md §1). */
export interface JobState {
  /** Bound to the job's namespace. */
  readonly nomad: NomadClient;
  readonly job: Job;
  readonly summary: JobSummary | undefined;
  /** Undefined where Nomad keeps none for the job. */
  readonly scale: ScaleStatus | undefined;
  /** What should run now, newest first, without task states; at most {@link mostCurrent}. */
  readonly current: readonly AllocationStub[];
  /** True where `current` is not all there is. */
  readonly currentCut: boolean;
  /** The newest five allocations of any kind, with task states, newest first. */
  readonly latest: readonly AllocationStub[];
  /** Of what should run, with task states: what does not run, or was restarted where it is, newest first. */
  readonly troubled: readonly AllocationStub[];
  /** True where `troubled` is not all there is. */
  readonly troubledCut: boolean;
  /** The newest five that were not canceled, newest first. */
  readonly evaluations: readonly Evaluation[];
  /** The newest three, newest first. */
  readonly deployments: readonly Deployment[];
}

/** Without task states an allocation is 1 to 2 KB, with them 7 and more: so many of one and so few of the other. */
const mostCurrent = 50;
const mostLatest = 5;
const mostTroubled = 5;
/** So many more are read where a restart of long ago hides who fails now. */
const mostMore = 20;

/**
 * Reads a job's state in one parallel round, whose size does not grow with the job's past. What belongs to an earlier
 * job of the same id (purged and registered again) is left out. `known`: the job, where it
 * was read before.
 *
 * @throws NomadError `not_found` where there is no such job in the client's namespace.
 */
export async function readJobState(nomad: NomadClient, jobId: string, known?: Job): Promise<JobState> {
  const ofJob = `JobID == ${literal(jobId)}`;
  // A replaced allocation of a system job still says "run" (nomad-observed.md §1); elsewhere the condition is harmless.
  const isCurrent = `${ofJob} and DesiredStatus == "run" and NextAllocation == ""`;
  const newest = { reverse: true, per_page: mostLatest };
  const [job, summary, scale, current, latest, troubled, judged, deployed] = await Promise.all([
    known ?? nomad.get(jobs.get, { job_id: jobId }),
    orMissing(nomad.get(jobs.summary, { job_id: jobId })),
    orMissing(nomad.get(jobs.scaleStatus, { job_id: jobId })),
    nomad.list(allocations.list, { filter: isCurrent, reverse: true, per_page: mostCurrent, task_states: false }),
    nomad.list(allocations.list, { filter: ofJob, ...newest }),
    readTroubled(nomad, isCurrent),
    nomad.list(evaluations.list, { filter: `${ofJob} and Status != "canceled"`, ...newest }),
    nomad.list(deployments.list, { filter: ofJob, reverse: true, per_page: 3 }),
  ]);
  const ofThisJob = <T extends { CreateIndex: number }>(items: T[]) =>
    items.filter(({ CreateIndex }) => CreateIndex >= job.CreateIndex);
  return {
    nomad,
    job,
    summary,
    scale,
    current: withoutSuperseded(ofThisJob(current.items)),
    currentCut: current.next !== undefined,
    latest: ofThisJob(latest.items),
    troubled: ofThisJob(troubled.items),
    troubledCut: troubled.cut,
    evaluations: ofThisJob(judged.items),
    deployments: deployed.items.filter(({ JobCreateIndex }) => JobCreateIndex === job.CreateIndex),
  };
}

/**
 * Those of the allocations that match `filter` that may be in trouble: one request, and one more where more were
 * restarted than it gives and none of them fails now.
 */
async function readTroubled(nomad: NomadClient, filter: string): Promise<{ items: AllocationStub[]; cut: boolean }> {
  const notRunning = 'ClientStatus != "running" and ClientStatus != "complete"';
  // A task that crashes beside healthy ones leaves the status at "running": its restarts tell.
  const restarted = "any TaskStates as _, task { task.Restarts != 0 }";
  const list = async (such: string, per_page: number, next_token?: string) =>
    await nomad.list(allocations.list, {
      filter: `${filter} and (${such})`,
      reverse: true,
      per_page,
      ...(next_token !== undefined && { next_token }),
    });
  try {
    const such = `(${notRunning}) or (${restarted})`;
    const { items, next } = await list(such, mostTroubled);
    if (next === undefined || items.some((each) => failsNow(each, nomad.now())))
      return { items, cut: next !== undefined };
    const more = await list(such, mostMore, next);
    return { items: [...items, ...more.items], cut: more.next !== undefined };
  } catch (error) {
    // Older servers know no `any`: then without those that run.
    if (!(error instanceof NomadError) || error.kind !== "bad_argument") throw error;
    const { items, next } = await list(notRunning, mostTroubled);
    return { items, cut: next !== undefined };
  }
}

function failsNow({ ClientStatus, TaskStates }: AllocationStub, now: number): boolean {
  return ClientStatus !== "running" || Object.values(TaskStates ?? {}).some((task) => taskTrouble(task, now)?.present);
}

/** The allocations that were read with the states of their tasks, newest first. */
export function withTasks({ latest, troubled }: JobState): AllocationStub[] {
  const older = troubled.filter(({ ID }) => !latest.some((each) => each.ID === ID));
  return [...latest, ...older].sort((one, other) => other.CreateIndex - one.CreateIndex);
}

/** A batch job that is started again keeps what ended before it beside what now runs under the same name. */
function withoutSuperseded(current: AllocationStub[]): AllocationStub[] {
  const newer = (one: AllocationStub, other: AllocationStub) =>
    one.Name === other.Name && other.JobVersion > one.JobVersion;
  return current.filter((one) => !hasEnded(one) || !current.some((other) => newer(one, other)));
}

/** Periodic and parameterized jobs do not run themselves: their children do. */
export function isParent(job: Job): boolean {
  return Boolean(job.Periodic || job.ParameterizedJob) && !job.Dispatched && job.ParentID === "";
}

/** A job as an answer begins: "web (service, namespace default)". */
export function jobTitle(job: Job): string {
  const kind = !isParent(job) ? "" : job.Periodic ? "periodic " : "parameterized ";
  const regions = regionsOf(job);
  const where = regions.length > 0 ? `, for the regions ${some(regions, 10)} of which this is one` : "";
  return `${job.ID} (${kind}${job.Type}, namespace ${job.Namespace}${where})`;
}

/** True for jobs that run on every node that fits, so that their wanted count is the cluster's. */
export function isSystem({ Type }: Pick<Job, "Type">): boolean {
  return Type === "system" || Type === "sysbatch";
}

/** True for jobs whose tasks are meant to end. */
export function finishes(job: Job): boolean {
  return job.Type === "batch" || job.Type === "sysbatch";
}

/** How a group of the job stands now. */
export interface GroupState {
  readonly group: TaskGroup;
  /** What the job asks for; for system jobs, on how many nodes it should run as far as the allocations tell. */
  readonly wanted: number;
  readonly running: number;
  /** Running and said to be healthy; undefined where nothing judges health (batch, no deployment). */
  readonly healthy: number | undefined;
  readonly starting: number;
  /** Failed or lost, and not replaced. */
  readonly down: number;
  /** Ended well. */
  readonly complete: number;
}

/** The groups of a job, in its order. */
export function groupStates(state: JobState): GroupState[] {
  return (state.job.TaskGroups ?? []).map((group) => {
    const here = state.current.filter((allocation) => allocation.TaskGroup === group.Name);
    const count = (...statuses: string[]) => here.filter(({ ClientStatus }) => statuses.includes(ClientStatus)).length;
    const preparing = here.filter((allocation) => isPreparing(state, allocation)).length;
    const judged = here.filter(({ DeploymentStatus }) => DeploymentStatus?.Healthy != null);
    const healthy = judged.filter((each) => each.ClientStatus === "running" && each.DeploymentStatus?.Healthy).length;
    const scale = state.scale?.TaskGroups?.[group.Name];
    // Beyond one page the counts come from where they are kept.
    const whole = state.currentCut && scale !== undefined;
    return {
      group,
      wanted: isSystem(state.job) ? here.length : group.Count,
      running: whole ? scale.Running : count("running") - preparing,
      healthy: judged.length === 0 ? undefined : whole ? scale.Healthy : healthy,
      starting: count("pending") + preparing,
      down: count("failed", "lost"),
      complete: count("complete"),
    };
  });
}

/** An allocation calls itself running as soon as one task does, though the others may still wait for that one. */
function isPreparing(state: JobState, { ID, ClientStatus }: AllocationStub): boolean {
  const states = Object.values(withTasks(state).find((each) => each.ID === ID)?.TaskStates ?? {});
  return ClientStatus === "running" && states.some(({ State, StartedAt }) => State === "pending" && !StartedAt);
}

/** "2 of 3 healthy" where health is judged of all that run, else "2 of 3 running". */
export function countText({
  state,
  groups,
}: {
  readonly state: JobState;
  readonly groups: readonly GroupState[];
}): string {
  const sum = (count: (group: GroupState) => number) => groups.reduce((total, group) => total + count(group), 0);
  const wanted = sum((group) => group.wanted);
  const running = sum((group) => group.running);
  const complete = sum((group) => group.complete);
  if (finishes(state.job)) {
    const starting = sum((group) => group.starting);
    const live = [running > 0 ? `${running} running` : "", starting > 0 ? `${starting} starting` : ""].filter(Boolean);
    return [`${complete} of ${wanted} finished`, ...live].join(", ");
  }
  const healthy = groups.every((group) => group.healthy !== undefined) ? sum((group) => group.healthy ?? 0) : undefined;
  const scope = isSystem(state.job) ? ` ${wanted === 1 ? "node" : "nodes"}` : "";
  if (healthy === undefined || healthy < running || running === 0) return `${running} of ${wanted}${scope} running`;
  return `${healthy} of ${wanted}${scope} healthy`;
}
