import { literal } from "../../api/path.ts";
import { type AllocationStub, allocations, type ClientStatus } from "../../endpoints/allocations.ts";
import type { Job } from "../../endpoints/job.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { fromNanoseconds } from "../../text/time.ts";
import { taskTrouble } from "../health/events.ts";

/** A job's allocations, what should run before what has ended, the troubled ones first. */
export interface JobAllocations {
  /** What should run and is not replaced, troubled ones first. */
  readonly current: readonly AllocationRow[];
  /** The newest of the others. */
  readonly ended: readonly AllocationRow[];
  /** True where there are more of them than are given. */
  readonly currentCut: boolean;
  readonly endedCut: boolean;
}

/** One allocation of the list. */
export interface AllocationRow {
  readonly allocation: AllocationStub;
  /** What is or went wrong, as far as it was read; the tasks of most ended ones are not. */
  readonly trouble: string | undefined;
}

/** Which of them are wanted, and how many at most. */
export interface AllocationFilter {
  readonly group?: string | undefined;
  readonly status?: ClientStatus | undefined;
  readonly limit: number;
}

/** With the states of its tasks an allocation is 7 to 11 KB: so many of those in trouble, and of the last that failed. */
const mostTroubled = 5;
const mostFailed = 2;

/**
 * Reads a job's allocations in one parallel round whose size depends on `limit` only, however many there are. Group and
 * status are compared by Nomad.
 */
export async function jobAllocations(nomad: NomadClient, job: Job, wanted: AllocationFilter): Promise<JobAllocations> {
  const { limit } = wanted;
  const list = async (filter: string, per_page: number, task_states: boolean) => {
    const all = [`JobID == ${literal(job.ID)}`, ...asked(wanted), filter].join(" and ");
    const page = await nomad.list(allocations.list, { filter: all, reverse: true, per_page, task_states });
    // What is older than the job belongs to an earlier job of the same id.
    return { ...page, items: page.items.filter(({ CreateIndex }) => CreateIndex >= job.CreateIndex) };
  };
  const inTrouble = [`ClientStatus != "running"`, ...restarted(job)].join(" or ");
  const [current, ended, troubled, failed] = await Promise.all([
    list(isCurrent, limit, false),
    list(`not (${isCurrent})`, limit, false),
    list(`${isCurrent} and (${inTrouble})`, mostTroubled, true),
    list(`not (${isCurrent}) and ClientStatus == "failed"`, mostFailed, true),
  ]);
  const row = (allocation: AllocationStub) => ({ allocation, trouble: troubleOf(allocation, nomad.now()) });
  const first = merged(troubled.items, current.items)
    .map(row)
    .sort((one, other) => weight(other) - weight(one));
  const rest = merged(failed.items, ended.items)
    .map(row)
    .sort((one, other) => other.allocation.CreateIndex - one.allocation.CreateIndex);
  const room = Math.max(0, limit - first.length);
  return {
    current: first.slice(0, limit),
    ended: rest.slice(0, room),
    currentCut: current.next !== undefined || first.length > limit,
    endedCut: ended.next !== undefined || rest.length > room,
  };
}

/** A replaced allocation of a system job still says "run" (nomad-observed §1). */
const isCurrent = 'DesiredStatus == "run" and NextAllocation == ""';

function asked({ group, status }: AllocationFilter): string[] {
  return [
    ...(group === undefined ? [] : [`TaskGroup == ${literal(group)}`]),
    ...(status === undefined ? [] : [`ClientStatus == ${literal(status)}`]),
  ];
}

/** A task that crashes beside healthy ones leaves the status at "running": its restarts tell (nomad-observed §1). */
function restarted(job: Job): string[] {
  const names = (job.TaskGroups ?? []).flatMap(({ Tasks }) => (Tasks ?? []).map(({ Name }) => Name));
  // The selector is a JSON pointer in double quotes, which cannot hold every name.
  const plain = [...new Set(names)].filter((name) => /^[\w.-]+$/.test(name));
  return plain.map((name) => `("${name}" in TaskStates and "/TaskStates/${name}/Restarts" != 0)`);
}

/** Those with their tasks instead of the same ones without. */
function merged(detailed: readonly AllocationStub[], plain: readonly AllocationStub[]): AllocationStub[] {
  const known = new Set(detailed.map(({ ID }) => ID));
  return [...detailed, ...plain.filter(({ ID }) => !known.has(ID))];
}

function troubleOf({ TaskStates, CreateTime }: AllocationStub, now: number): string | undefined {
  const troubles = Object.entries(TaskStates ?? {}).flatMap(([task, state]) => {
    const trouble = taskTrouble(state, now, fromNanoseconds(CreateTime));
    return trouble?.present ? [`task ${task} ${[trouble.what, trouble.times].filter(Boolean).join(", ")}`] : [];
  });
  return troubles[0];
}

function weight({ allocation, trouble }: AllocationRow): number {
  const bad = { failed: 4, lost: 4, unknown: 4, pending: 2, running: 0, complete: 0 }[allocation.ClientStatus];
  return bad + (trouble ? 3 : 0) + (allocation.DeploymentStatus?.Healthy === false ? 1 : 0);
}
