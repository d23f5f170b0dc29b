import { literal } from "../../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import { deployments } from "../../../endpoints/deployments.ts";
import type { Job } from "../../../endpoints/job.ts";
import { jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { short } from "../../../text/words.ts";
import type { Progress } from "./restart-cursor.ts";

/** Which allocations are restarted. */
export interface Aim {
  /** Nomad's filter that all of them meet: of which job, on which node. */
  readonly among: string;
  /** What those that run meet besides, while they do. */
  readonly having?: string;
  /** Names of the groups that it is about; all where undefined. */
  readonly groups: readonly string[] | undefined;
  /** What is older belongs to an earlier job of the same id (CreateIndex). */
  readonly oldest: number;
  /** Of some that run, those that are meant; all where undefined. */
  pick?(running: readonly AllocationStub[]): Promise<readonly AllocationStub[]>;
  /** Why nothing may be restarted now, in words. Asked before each batch. */
  hindrance?(): Promise<string | undefined>;
}

/** The allocations of a job, or of some of its groups. */
export function ofJob(nomad: NomadClient, { ID, CreateIndex }: Job, groups: readonly string[] | undefined): Aim {
  return {
    among: `JobID == ${literal(ID)}`,
    groups,
    oldest: CreateIndex,
    hindrance: () => activeDeployment(nomad, ID),
  };
}

/** Nomad's filter for those that run. */
export function runningFilter({ among, having, groups }: Aim): string {
  const runs = `${among} and ClientStatus == "running" and DesiredStatus == "run" and NextAllocation == ""`;
  const running = having === undefined ? runs : `${runs} and ${having}`;
  if (groups === undefined) return running;
  return `${running} and (${groups.map((name) => `TaskGroup == ${literal(name)}`).join(" or ")})`;
}

/** So many are counted singly. */
const pageSize = 100;

/** Where a restart of a job begins; undefined where nothing runs that it is about. */
export async function beginning(nomad: NomadClient, job: Job, aim: Aim): Promise<Progress | undefined> {
  const query = { filter: runningFilter(aim), task_states: false };
  const [newest, all, summary] = await Promise.all([
    nomad.list(allocations.list, { ...query, reverse: true, per_page: 1 }),
    nomad.list(allocations.list, { ...query, per_page: pageSize }),
    nomad.get(jobs.summary, { job_id: job.ID }),
  ]);
  const [last] = newest.items;
  if (last === undefined || last.CreateIndex < aim.oldest) return undefined;
  const groups = Object.entries(summary.Summary ?? {}).filter(([name]) => aim.groups?.includes(name) ?? true);
  // Beyond one page the count comes from where it is kept.
  const total = all.next === undefined ? all.items.length : groups.reduce((sum, [, group]) => sum + group.Running, 0);
  return { start: last.CreateIndex, last: undefined, sent: 0, total, page: undefined };
}

/** The deployment that forbids a restart (the guard of the CLI, nomad-api.md §4.2), in words. */
async function activeDeployment(nomad: NomadClient, jobId: string): Promise<string | undefined> {
  const over = ["successful", "failed", "cancelled"].map((status) => `Status != "${status}"`).join(" and ");
  const filter = `JobID == ${literal(jobId)} and ${over}`;
  const { items } = await nomad.list(deployments.list, { filter, reverse: true, per_page: 1 });
  const [active] = items;
  return active && `deployment ${short(active.ID)} of version ${active.JobVersion} is ${active.Status}`;
}
