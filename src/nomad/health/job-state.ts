import { literal, path } from "../../api/path.ts";
import type {
  AllocationStub,
  Deployment,
  Evaluation,
  Job,
  JobSummary,
  ScaleStatus,
  TaskGroup,
} from "../../api/types.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { orMissing } from "../find.ts";

/** Everything that one parallel round of requests tells of a job (nomad-observed §1). */
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
  /** The newest five that were not canceled, newest first. */
  readonly evaluations: readonly Evaluation[];
  /** The newest three, newest first. */
  readonly deployments: readonly Deployment[];
}

/** Without task states an allocation is 1 to 2 KB, with them 7 and more: so many of one and so few of the other. */
const mostCurrent = 50;
const mostLatest = 5;

/**
 * Reads a job's state in one parallel round, whose size does not grow with the job's past. What belongs to an earlier
 * job of the same id (purged and registered again) is left out. `known`: the job, where it
 * was read before.
 *
 * @throws NomadError `not_found` where there is no such job in the client's namespace.
 */
export async function readJobState(nomad: NomadClient, jobId: string, known?: Job): Promise<JobState> {
  const ofJob = `JobID == ${literal(jobId)}`;
  const newest = { reverse: true, per_page: mostLatest };
  const [job, summary, scale, current, latest, evaluations, deployments] = await Promise.all([
    known ?? nomad.get<Job>(path`/v1/job/${jobId}`),
    orMissing(nomad.get<JobSummary>(path`/v1/job/${jobId}/summary`)),
    orMissing(nomad.get<ScaleStatus>(path`/v1/job/${jobId}/scale`)),
    nomad.list<AllocationStub>(path`/v1/allocations`, {
      // A replaced allocation of a system job still says "run" (nomad-observed §1); elsewhere the condition is harmless.
      filter: `${ofJob} and DesiredStatus == "run" and NextAllocation == ""`,
      reverse: true,
      per_page: mostCurrent,
      task_states: false,
    }),
    nomad.list<AllocationStub>(path`/v1/allocations`, { filter: ofJob, ...newest }),
    nomad.list<Evaluation>(path`/v1/evaluations`, { filter: `${ofJob} and Status != "canceled"`, ...newest }),
    nomad.list<Deployment>(path`/v1/deployments`, { filter: ofJob, reverse: true, per_page: 3 }),
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
    evaluations: ofThisJob(evaluations.items),
    deployments: deployments.items.filter(({ JobCreateIndex }) => JobCreateIndex === job.CreateIndex),
  };
}

/** A batch job that is started again keeps what ended before it beside what now runs under the same name. */
function withoutSuperseded(current: AllocationStub[]): AllocationStub[] {
  const ended = ["complete", "failed", "lost"];
  const newer = (one: AllocationStub, other: AllocationStub) =>
    one.Name === other.Name && other.JobVersion > one.JobVersion;
  return current.filter((one) => !ended.includes(one.ClientStatus) || !current.some((other) => newer(one, other)));
}

/** Periodic and parameterized jobs do not run themselves: their children do. */
export function isParent(job: Job): boolean {
  return Boolean(job.Periodic || job.ParameterizedJob) && !job.Dispatched && job.ParentID === "";
}

/** A job as an answer begins: "web (service, namespace default)". */
export function jobTitle(job: Job): string {
  const kind = !isParent(job) ? "" : job.Periodic ? "periodic " : "parameterized ";
  return `${job.ID} (${kind}${job.Type}, namespace ${job.Namespace})`;
}

/** True for jobs that run on every node that fits, so that their wanted count is the cluster's. */
export function isSystem(job: Job): boolean {
  return job.Type === "system" || job.Type === "sysbatch";
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
function isPreparing({ latest }: JobState, { ID, ClientStatus }: AllocationStub): boolean {
  const states = Object.values(latest.find((each) => each.ID === ID)?.TaskStates ?? {});
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
