import { HttpError, notInDemo, serverError } from "../errors.ts";
import { type Call, type Look, query, type Reply } from "../http.ts";
import { jobDiff } from "../job/diff.ts";
import { orNone } from "../job/diff-parts.ts";
import { scalingEvents } from "../job/scale.ts";
import { isTerminal } from "../state/job-status.ts";
import type { Job } from "../state/job-types.ts";
import { allocsOf, jobKey, latestDeployment, type Store, type Table } from "../state/store.ts";
import { allocationStub, evaluationReply } from "../state/wire.ts";
import type { World } from "../world.ts";
import { postScale } from "./job-changes.ts";
import type { JobRoute } from "./job-route.ts";
import { flag, only } from "./lists.ts";

/** A query about one job. What is wrong with a job that is not there depends on what is asked. */
function aboutJob(
  { store }: World,
  call: Call,
  id: string,
  tables: Table[],
  look: (key: string) => Look,
): Promise<Reply> {
  only(call, "GET");
  const key = jobKey(call.namespace, id);
  return query(
    store,
    call,
    (change) => change.job === key && tables.includes(change.table),
    () => look(key),
  );
}

const notFound = new HttpError(404, "job not found");

/** GET /v1/job/:id. */
export const readJob: JobRoute = (world, call, id) =>
  aboutJob(world, call, id, ["jobs"], (key) => {
    const job = world.store.jobs.get(key);
    return { index: job?.ModifyIndex ?? world.store.tables.jobs, reply: job ? { json: job } : notFound };
  });

const summary: JobRoute = (world, call, id) =>
  aboutJob(world, call, id, ["job_summary"], (key) => {
    const found = world.store.summaries.get(key);
    return { index: found?.ModifyIndex ?? world.store.tables.job_summary, reply: found ? { json: found } : notFound };
  });

const allocations: JobRoute = (world, call, id) =>
  aboutJob(world, call, id, ["allocs"], (key) => {
    const job = world.store.jobs.get(key);
    const all = flag(call, "all") ?? false;
    const own = allocsOf(world.store, key).filter((alloc) => all || !job || alloc.Job.CreateIndex === job.CreateIndex);
    return { index: world.store.tables.allocs, reply: { json: own.map((alloc) => allocationStub(alloc)) } };
  });

const evaluations: JobRoute = (world, call, id) =>
  aboutJob(world, call, id, ["evals"], (key) => {
    const own = [...world.store.evals.values()].filter((one) => jobKey(one.Namespace, one.JobID) === key);
    return { index: world.store.tables.evals, reply: { json: own.map(evaluationReply) } };
  });

const deployments: JobRoute = (world, call, id) =>
  aboutJob(world, call, id, ["deployment"], (key) => {
    const own = [...world.store.deployments.values()].filter((one) => jobKey(one.Namespace, one.JobID) === key);
    return { index: world.store.tables.deployment, reply: { json: own } };
  });

const deployment: JobRoute = (world, call, id) =>
  aboutJob(world, call, id, ["deployment"], (key) => ({
    index: world.store.tables.deployment,
    reply: { json: latestDeployment(world.store, key) ?? null },
  }));

const versions: JobRoute = (world, call, id) => {
  if (call.query.has("diff_tag")) throw notInDemo("the differences to a tagged version (diff_tag)");
  const diffs = flag(call, "diffs");
  const against = call.query.get("diff_version") ?? "";
  if (against !== "" && !/^\d+$/.test(against))
    throw serverError(
      `Failed to parse value of "diff_version" (${against}) as a uint64: strconv.ParseUint: parsing "${against}": invalid syntax`,
    );
  return aboutJob(world, call, id, ["jobs"], (key) => {
    const all = world.store.versions.get(key);
    const index = all?.[0]?.ModifyIndex ?? world.store.tables.jobs;
    const meta = {
      Diffs: diffs ? orNone(differences(all ?? [], against)) : null,
      Index: index,
      KnownLeader: true,
      LastContact: 0,
      NextToken: "",
    };
    const reply = all ? { json: { Versions: all, ...meta } } : new HttpError(404, "job versions not found");
    return { index, reply };
  });
};

/** Each version against the one that is named, else against the one before it, of which the oldest has none. */
function differences(versions: readonly Job[], against: string) {
  if (against === "") return versions.slice(0, -1).map((job, at) => jobDiff(versions[at + 1], job));
  const from = versions.find(({ Version }) => Version === Number(against));
  if (versions.length > 0 && !from) throw serverError(`version ${against} not found`);
  return versions.map((job) => jobDiff(from, job));
}

const submission: JobRoute = (world, call, id) => {
  const version = call.query.get("version") ?? "";
  if (!/^\d+$/.test(version)) throw new HttpError(400, "Unable to parse job submission version parameter");
  return aboutJob(world, call, id, ["job_submission"], (key) => {
    const found = world.store.submissions.get(key)?.get(Number(version));
    return {
      index: found?.JobModifyIndex ?? world.store.tables.job_submission,
      reply: found ? { json: found } : new HttpError(404, "job source not found"),
    };
  });
};

function scaleOf(store: Store, key: string): Look {
  const job = store.jobs.get(key);
  if (!job) return { index: store.index, reply: notFound };
  const groups: Record<string, Record<string, unknown>> = {};
  let index = job.ModifyIndex;
  const live = allocsOf(store, key).filter((alloc) => !isTerminal(alloc));
  for (const group of job.TaskGroups) {
    const own = live.filter((alloc) => alloc.TaskGroup === group.Name);
    for (const alloc of own) index = Math.max(index, alloc.ModifyIndex);
    const health = (healthy: boolean) => own.filter((alloc) => alloc.DeploymentStatus?.Healthy === healthy).length;
    groups[group.Name] = {
      Desired: group.Count,
      Placed: own.length,
      Running: own.filter((alloc) => alloc.ClientStatus === "running").length,
      Healthy: health(true),
      Unhealthy: health(false),
      Events: scalingEvents(store, job, group.Name),
    };
  }
  const { ID, Namespace, CreateIndex, ModifyIndex, Stop } = job;
  const json = {
    JobID: ID,
    Namespace,
    JobCreateIndex: CreateIndex,
    JobModifyIndex: ModifyIndex,
    JobStopped: Stop,
    TaskGroups: groups,
  };
  return { index, reply: { json } };
}

const scale: JobRoute = (world, call, id) => {
  if (call.method !== "GET") return postScale(world, call, id);
  return aboutJob(world, call, id, ["jobs", "allocs"], (key) => scaleOf(world.store, key));
};

/** What can be read of a job, by the end of the path. */
export const READS: [string, JobRoute][] = [
  ["/allocations", allocations],
  ["/evaluations", evaluations],
  ["/summary", summary],
  ["/versions", versions],
  ["/deployments", deployments],
  ["/deployment", deployment],
  ["/scale", scale],
  ["/submission", submission],
];
