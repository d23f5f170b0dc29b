import { literal } from "../../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import type { Job } from "../../../endpoints/job.ts";
import { type JobStub, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { gather } from "../../../text/gather.ts";
import { isSystem } from "../health/job-state.ts";

/** A group of a job that runs, and the allocations that stand for it. */
export interface SampledGroup {
  /** Its id; of a child, that of the job whose child it is. */
  readonly job: string;
  readonly namespace: string;
  readonly group: string;
  /** How many of it run. */
  readonly running: number;
  /** Those that are looked at, the newest first. */
  readonly taken: readonly AllocationStub[];
}

export interface Sample {
  readonly groups: readonly SampledGroup[];
  /** How many more groups run that are not looked at. */
  readonly leftOut: number;
  readonly next: string | undefined;
}

/** So many allocations are looked at in one call. */
const mostTaken = 40;
/** So many of one group, where many jobs are looked at and where one is. */
const ofEach = 3;
const ofOne = 10;
/** So many jobs are asked for by themselves, of which the common request shows nothing. */
const mostAlone = 10;

const runs = 'ClientStatus == "running" and DesiredStatus == "run"';
/** One `job.group[2]` there is at a time, but of jobs that run on every node. */
const first = (count: number) => `Name matches ${literal(`\\[[0-${count - 1}]\\]$`)}`;
const slim = { task_states: false, resources: true };

/**
 * Takes allocations of one page of jobs, by name: at most three of each group, in two requests, and one more for each job
 * that runs on every node, or whose first allocations have ended.
 */
export async function sampleJobs(nomad: NomadClient, limit: number, cursor: string | undefined): Promise<Sample> {
  const query = { filter: 'Status == "running"', per_page: limit, next_token: cursor };
  const { items, next } = await nomad.list(jobs.list, query);
  const running = items.filter((job) => countsOf(job).some(([, count]) => count > 0));
  const plain = running.filter((job) => !isSystem(job));
  const filter = `${runs} and ${first(ofEach)} and (${plain.map(({ ID }) => `JobID == ${literal(ID)}`).join(" or ")})`;
  const common =
    plain.length === 0 ? [] : (await nomad.list(allocations.list, { ...slim, filter, per_page: mostRows })).items;
  const seen = new Set(common.map(keyOfJob));
  const unseen = running.filter((job) => !seen.has(`${job.Namespace} ${job.ID}`));
  const alone = await Promise.all(
    unseen.slice(0, mostAlone).map(async ({ ID, Namespace }) => {
      const one = { ...slim, filter: `${runs} and JobID == ${literal(ID)}`, per_page: ofEach };
      return (await nomad.in(Namespace).list(allocations.list, one)).items;
    }),
  );
  const groups = running.flatMap((job) =>
    countsOf(job).map(([group, count]) => ({ job: job.ParentID || job.ID, namespace: job.Namespace, group, count })),
  );
  const parents = new Map(running.map((job) => [`${job.Namespace} ${job.ID}`, job]));
  const found = [...common, ...alone.flat()].flatMap((allocation) => {
    const job = parents.get(keyOfJob(allocation));
    // What is older than the job belongs to an earlier job of the same id.
    if (job === undefined || allocation.CreateIndex < job.CreateIndex) return [];
    return [{ key: keyOf(job.Namespace, job.ParentID || job.ID, allocation.TaskGroup), allocation }];
  });
  return {
    ...take(
      groups,
      gather(found, ({ key }) => key),
      ofEach,
    ),
    next,
  };
}

/** Three of each group of a hundred jobs, with room for groups. */
const mostRows = 600;

/** Takes allocations of one job, at most ten of each group: two requests, one more where its first ones have ended. */
export async function sampleJob(nomad: NomadClient, job: Job): Promise<Sample> {
  const list = async (...filter: string[]) => {
    const all = [runs, ...filter, `JobID == ${literal(job.ID)}`].join(" and ");
    return (await nomad.list(allocations.list, { ...slim, filter: all, per_page: 100 })).items;
  };
  const [summary, firsts] = await Promise.all([
    nomad.get(jobs.summary, { job_id: job.ID }),
    isSystem(job) ? list() : list(first(ofOne)),
  ]);
  const items = firsts.length > 0 || isSystem(job) ? firsts : await list();
  const own = items.filter(({ CreateIndex }) => CreateIndex >= job.CreateIndex);
  const about = { job: job.ID, namespace: nomad.namespace };
  const groups = Object.entries(summary.Summary ?? {}).map(([group, { Running }]) => ({
    ...about,
    group,
    count: Running,
  }));
  const found = own.map((allocation) => ({ key: keyOf(about.namespace, job.ID, allocation.TaskGroup), allocation }));
  return {
    ...take(
      groups,
      gather(found, ({ key }) => key),
      ofOne,
    ),
    next: undefined,
  };
}

interface Counted {
  readonly job: string;
  readonly namespace: string;
  readonly group: string;
  readonly count: number;
}

/** Gives each group one allocation, then each another one, until there are enough. */
function take(
  counted: readonly Counted[],
  found: ReadonlyMap<string, readonly { readonly allocation: AllocationStub }[]>,
  most: number,
): Pick<Sample, "groups" | "leftOut"> {
  // Children of one job are one to a reader.
  const groups = [...gather(counted, ({ namespace, job, group }) => keyOf(namespace, job, group)).entries()].map(
    ([key, all]) => {
      const there = (found.get(key) ?? []).map(({ allocation }) => allocation);
      const newest = there.toSorted((one, other) => other.CreateIndex - one.CreateIndex);
      const [{ job, namespace, group } = { job: "", namespace: "", group: "" }] = all;
      const running = all.reduce((sum, { count }) => sum + count, 0);
      return { job, namespace, group, running: Math.max(running, there.length), there: newest, taken: 0 };
    },
  );
  let room = mostTaken;
  for (let round = 0; round < most; round++)
    for (const group of groups) {
      if (room === 0 || group.there.length <= group.taken) continue;
      group.taken++;
      room--;
    }
  const told = groups.filter(({ running }) => running > 0);
  const looked = told.filter(({ taken }) => taken > 0);
  return {
    groups: looked.map(({ there, taken, ...group }) => ({ ...group, taken: there.slice(0, taken) })),
    leftOut: told.length - looked.length,
  };
}

const countsOf = ({ JobSummary }: JobStub): [string, number][] =>
  Object.entries(JobSummary?.Summary ?? {}).map(([group, { Running }]) => [group, Running]);
const keyOfJob = ({ Namespace, JobID }: AllocationStub) => `${Namespace} ${JobID}`;
const keyOf = (namespace: string, job: string, group: string) => `${namespace} ${job} ${group}`;
