import { claimKey, newClaims } from "./claims.ts";
import { deploymentAfterAlloc } from "./deployment-counts.ts";
import { jobStatus } from "./job-status.ts";
import type { Job, Submission } from "./job-types.ts";
import { allocsOf, type Change, jobKey, type Listener, type Put, type Store, type Table } from "./store.ts";
import { emptySummary, summaryAfterAlloc, summaryAfterEval } from "./summary.ts";

/** A job's status follows from its allocations, evaluations and deployments: looked at again after each write. */
export function settleStatuses(store: Store, put: Put, changes: readonly Change[]): void {
  const touched = new Set(changes.filter((change) => change.table !== "nodes").map((change) => change.job));
  for (const key of touched) {
    const job = store.jobs.get(key);
    if (!job) continue;
    const status = jobStatus(store, job);
    if (status !== job.Status) put.job({ ...job, Status: status }, { keep: true });
  }
}

/** The writes of one log entry: what they change is noted, and told when all is done. */
export function putter(
  store: Store,
  index: number,
  changes: Change[],
  tell: (how: (listener: Listener) => void) => void,
): Put {
  const touch = (table: Table, id: string, job = "") => {
    store.tables[table] = index;
    changes.push({ table, id, job });
  };
  const put: Put = {
    job(given, { keep = false, submission } = {}) {
      const key = jobKey(given.Namespace, given.ID);
      const before = store.jobs.get(key);
      const current = keep ? before?.Version === given.Version : true;
      const job = { ...given, CreateIndex: before?.CreateIndex ?? index, ModifyIndex: index };
      if (!keep) {
        job.JobModifyIndex = index;
        if (before && job.Version <= before.Version) {
          // without a source of its own a new version takes the one of the version its body names
          if (!submission) submission = store.submissions.get(key)?.get(job.Version) ?? null;
          job.Version = before.Version + 1;
        }
        job.Status = jobStatus(store, job);
        if (submission) putSubmission(store, key, { ...submission, Version: job.Version, JobModifyIndex: index });
        if (submission) touch("job_submission", job.ID, key);
      }
      if (!store.summaries.has(key)) put.summary(emptySummary(job, index));
      const summary = store.summaries.get(key);
      if (summary && job.TaskGroups.some((group) => !(group.Name in summary.Summary)))
        put.summary({ ...summary, Summary: { ...emptySummary(job, index).Summary, ...summary.Summary } });
      const versions = (store.versions.get(key) ?? []).filter((version) => version.Version !== job.Version);
      versions.push(job);
      versions.sort((a, b) => b.Version - a.Version);
      store.versions.set(key, keptVersions(versions));
      if (current) {
        store.jobs.set(key, job);
        if (before?.Status !== job.Status) childChanged(store, put, job, before?.Status ?? "");
      }
      touch("jobs", job.ID, key);
      tell((listener) => listener.job?.(job, key));
      return job;
    },
    evaluation(given) {
      const before = store.evals.get(given.ID);
      const evaluation = { ...given, CreateIndex: before?.CreateIndex ?? index, ModifyIndex: index };
      const key = jobKey(evaluation.Namespace, evaluation.JobID);
      const summary = summaryAfterEval(store.summaries.get(key), evaluation);
      if (summary) put.summary(summary);
      // done without a failure: nothing is blocked any more
      if (evaluation.Status === "complete" && !evaluation.FailedTGAllocs)
        for (const other of store.evals.values())
          if (other.Status === "blocked" && other.ID !== evaluation.ID && jobKey(other.Namespace, other.JobID) === key)
            store.evals.set(other.ID, {
              ...other,
              Status: "canceled",
              StatusDescription: `evaluation "${evaluation.ID}" successful`,
              ModifyIndex: index,
              ModifyTime: evaluation.ModifyTime,
            });
      store.evals.set(evaluation.ID, evaluation);
      touch("evals", evaluation.ID, key);
      tell((listener) => listener.evaluation?.(evaluation));
      return evaluation;
    },
    alloc(given) {
      const before = store.allocs.get(given.ID);
      const alloc = { ...given, CreateIndex: before?.CreateIndex ?? index, ModifyIndex: index };
      const key = jobKey(alloc.Namespace, alloc.JobID);
      store.allocs.set(alloc.ID, alloc);
      if (!before) for (const claim of newClaims(store, alloc)) put.shelve("task_volume", claimKey(claim), claim);
      const summary = summaryAfterAlloc(store.summaries.get(key), alloc, before);
      if (summary) put.summary(summary);
      const deployment = deploymentAfterAlloc(store.deployments.get(alloc.DeploymentID), alloc, before, index);
      if (deployment) put.deployment(deployment);
      touch("allocs", alloc.ID, key);
      tell((listener) => listener.alloc?.(alloc, before));
      return alloc;
    },
    deployment(given) {
      const before = store.deployments.get(given.ID);
      const deployment = { ...given, CreateIndex: before?.CreateIndex ?? index, ModifyIndex: index };
      store.deployments.set(deployment.ID, deployment);
      const key = jobKey(deployment.Namespace, deployment.JobID);
      if (deployment.Status === "successful") markStable(store, put, key, deployment.JobVersion);
      touch("deployment", deployment.ID, key);
      tell((listener) => listener.deployment?.(deployment));
      return deployment;
    },
    node(given) {
      const before = store.nodes.get(given.ID);
      const node = { ...given, CreateIndex: before?.CreateIndex ?? index, ModifyIndex: index };
      store.nodes.set(node.ID, node);
      touch("nodes", node.ID);
      tell((listener) => listener.node?.(node));
      return node;
    },
    forget({ ID }) {
      store.nodes.delete(ID);
      touch("nodes", ID);
    },
    shelve(table, key, given) {
      const shelf = store.shelf[table];
      const object = { ...given, CreateIndex: shelf.get(key)?.CreateIndex ?? index, ModifyIndex: index };
      shelf.set(key, object);
      touch(table, key);
      return object;
    },
    unshelve(table, key) {
      store.shelf[table].delete(key);
      touch(table, key);
    },
    scheduler(given) {
      store.scheduler = { ...given, CreateIndex: store.scheduler.CreateIndex, ModifyIndex: index };
      tell((listener) => listener.scheduler?.(store.scheduler));
    },
    summary(summary) {
      const key = jobKey(summary.Namespace, summary.JobID);
      store.summaries.set(key, { ...summary, ModifyIndex: index });
      touch("job_summary", summary.JobID, key);
    },
    purge(job) {
      const key = jobKey(job.Namespace, job.ID);
      if (job.Status !== "dead") childChanged(store, put, { ...job, Status: "dead" }, job.Status);
      for (const map of [store.jobs, store.versions, store.submissions, store.summaries]) map.delete(key);
      for (const alloc of allocsOf(store, key)) {
        store.allocs.delete(alloc.ID);
        touch("allocs", alloc.ID, key);
        tell((listener) => listener.alloc?.({ ...alloc, DesiredStatus: "stop" }, alloc));
      }
      for (const [at, claim] of [...store.shelf.task_volume])
        if (jobKey(claim.Namespace, claim.JobID) === key) put.unshelve("task_volume", at);
      for (const deployment of [...store.deployments.values()])
        if (jobKey(deployment.Namespace, deployment.JobID) === key) {
          store.deployments.delete(deployment.ID);
          touch("deployment", deployment.ID, key);
        }
      for (const evaluation of store.evals.values())
        if (evaluation.Status === "pending" && jobKey(evaluation.Namespace, evaluation.JobID) === key)
          put.evaluation({ ...evaluation, Status: "complete", StatusDescription: `job ${job.ID} deleted` });
      touch("jobs", job.ID, key);
      touch("job_summary", job.ID, key);
      tell((listener) => listener.job?.(undefined, key));
    },
  };
  return put;
}

/** The six newest versions and those with a tag; the newest stable one goes before the second oldest does. */
function keptVersions(newestFirst: readonly Job[]): Job[] {
  const untagged = newestFirst.filter(({ VersionTag }) => !VersionTag);
  const stable = untagged.find(({ Stable }) => Stable);
  const gone = untagged.slice(6).map((job) => (job === stable ? (untagged[5] ?? job) : job));
  return newestFirst.filter((job) => !gone.includes(job));
}

function putSubmission(store: Store, key: string, submission: Submission): void {
  const all = store.submissions.get(key) ?? new Map<number, Submission>();
  all.set(submission.Version, submission);
  store.submissions.set(key, all);
}

function markStable(store: Store, put: Put, key: string, version: number): void {
  const job = store.versions.get(key)?.find((candidate) => candidate.Version === version);
  if (job && !job.Stable) put.job({ ...job, Stable: true }, { keep: true });
}

/** A periodic or parameterized job counts its children by status. */
function childChanged(store: Store, put: Put, child: Job, before: string): void {
  const parent = child.ParentID ? store.summaries.get(jobKey(child.Namespace, child.ParentID)) : undefined;
  if (!parent) return;
  const counts = { ...parent.Children };
  const column = (status: string) => (status === "pending" ? "Pending" : status === "running" ? "Running" : "Dead");
  if (before !== "") counts[column(before)]--;
  counts[column(child.Status)]++;
  put.summary({ ...parent, Children: counts });
}
