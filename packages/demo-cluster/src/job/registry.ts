import { multierror, notInDemo, serverError, warningsText } from "../errors.ts";
import { policyEnabled } from "../scheduler/reschedule.ts";
import { newEvaluation } from "../state/fresh.ts";
import { isParameterized, type Job, type Submission } from "../state/job-types.ts";
import { allocsOf, jobKey, type Store } from "../state/store.ts";
import type { Evaluation } from "../state/types.ts";
import { canonicalJob } from "./canonicalize.ts";
import { specChanged } from "./changes.ts";
import type { Cron } from "./cron.ts";
import { addImpliedConstraints } from "./implied.ts";
import type { Sent } from "./sent.ts";
import { validateJob } from "./validate.ts";
import { jobWarnings } from "./warnings.ts";

/** What a register, plan or evaluate works with. */
export interface Registry {
  store: Store;
  cron: Cron;
}

/** What registering, stopping or evaluating a job comes to. */
export interface Registered {
  evalId: string;
  evalIndex: number;
  jobModifyIndex: number;
  index: number;
  warnings: string;
}

/** The job as it will be kept and what to say about it, or an error. What the demo cannot run it does not take. */
export function admit(registry: Registry, sent: Sent, namespace: string): { job: Job; warnings: string } {
  const { job, errors, warnings } = examine(registry, sent, namespace);
  for (const what of beyondDemo(job)) throw notInDemo(what);
  if (errors.length > 0) throw serverError(multierror(errors));
  return { job, warnings };
}

/** The job as it would be kept, and what is wrong with it: of every job, also of those that the demo cannot run. */
export function examine(
  { store, cron }: Registry,
  sent: Sent,
  namespace: string,
): { job: Job; errors: string[]; warnings: string } {
  if (sent.Region && sent.Region !== "global") throw serverError("No path to region");
  // Sent to the first of its regions where this one is not among them.
  const regions = (sent.Multiregion as { Regions?: { Name: string }[] } | null | undefined)?.Regions ?? [];
  if (regions.length > 0 && regions.every(({ Name }) => Name !== "global")) throw serverError("No path to region");
  const job = canonicalJob(sent, namespace);
  addImpliedConstraints(job);
  const errors: string[] = [];
  if (!store.shelf.namespaces.has(namespace)) errors.push(`job "${job.ID}" is in nonexistent namespace "${namespace}"`);
  if (!store.shelf.node_pools.has(job.NodePool))
    errors.push(`job "${job.ID}" is in nonexistent node pool "${job.NodePool}"`);
  errors.push(...validateJob(job, cron.error));
  if (sent.Multiregion) errors.push("Multiregion jobs are unlicensed.");
  if (sent.Payload) errors.push("job can't be submitted with a payload, only dispatched");
  return { job, errors, warnings: warningsText(jobWarnings(job)) };
}

function* beyondDemo(job: Job): Generator<string> {
  for (const group of job.TaskGroups) {
    if (job.Type === "system" && (group.Update?.Canary ?? 0) > 0)
      yield `canaries of a system job (group "${group.Name}", update.canary)`;
    if (group.Services?.some((service) => service.Connect)) yield `Consul Connect (group "${group.Name}")`;
    if (group.Disconnect) yield `clients that disconnect (group "${group.Name}", disconnect)`;
    for (const task of group.Tasks) {
      if (task.Vault) yield `Vault (task "${task.Name}")`;
      if (task.Resources.Cores > 0) yield `reserving whole cores (task "${task.Name}", resources.cores)`;
    }
  }
}

/** Registers a job: new, a new version of one that is there, or nothing new and only evaluated again. */
export function register(
  registry: Registry,
  sent: Sent,
  namespace: string,
  options: {
    enforceIndex?: boolean;
    jobModifyIndex?: number;
    preserveCounts?: boolean;
    evalPriority?: number;
    submission?: Submission | null;
  },
): Registered {
  const { store } = registry;
  const { job, warnings } = admit(registry, sent, namespace);
  const before = store.jobs.get(jobKey(namespace, job.ID));
  if (options.enforceIndex) enforceIndex(before, options.jobModifyIndex ?? 0);
  checkTransition(before, job);
  const scheduled = !job.Periodic && !isParameterized(job);
  const priority = options.evalPriority || job.Priority;
  const evaluation = scheduled ? newEvaluation(store, { ...job, Priority: priority }, "job-register") : undefined;
  job.SubmitTime = store.stamp();
  if (before) keepScalingIds(before, job, store);
  if (before && !specChanged(before, job)) {
    const index = evaluation ? store.write((put) => put.evaluation(evaluation)) : before.ModifyIndex;
    return result(evaluation, evaluation ? index : 0, before.ModifyIndex, index, warnings);
  }
  if (before && options.preserveCounts)
    for (const group of job.TaskGroups)
      group.Count = before.TaskGroups.find((old) => old.Name === group.Name)?.Count ?? group.Count;
  const submission = options.submission ? { ...options.submission, Namespace: namespace, JobID: job.ID } : null;
  const index = store.write((put, at) => {
    put.job(job, { submission });
    if (evaluation) put.evaluation({ ...evaluation, JobModifyIndex: at });
  });
  return result(evaluation, evaluation ? index : 0, index, index, warnings);
}

function result(
  evaluation: Evaluation | undefined,
  evalIndex: number,
  jobModifyIndex: number,
  index: number,
  warnings: string,
): Registered {
  return { evalId: evaluation?.ID ?? "", evalIndex, jobModifyIndex, index, warnings };
}

function keepScalingIds(before: Job, job: Job, store: Store): void {
  for (const group of job.TaskGroups) {
    const old = before.TaskGroups.find((candidate) => candidate.Name === group.Name)?.Scaling;
    if (group.Scaling) group.Scaling = { ...group.Scaling, ID: old?.ID ?? store.chance.uuid() };
  }
}

function enforceIndex(before: Job | undefined, index: number): void {
  const fail = (why: string) => serverError(`Enforcing job modify index ${index}: ${why}`);
  if (!before) {
    if (index !== 0) throw fail("job does not exist");
  } else if (index === 0) throw fail("job already exists");
  else if (index !== before.JobModifyIndex)
    throw fail(`job exists with conflicting job modify index: ${before.JobModifyIndex}`);
}

function checkTransition(before: Job | undefined, job: Job): void {
  if (!before) return;
  if (before.Type !== job.Type) throw serverError(`cannot update job from type "${before.Type}" to "${job.Type}"`);
  const turns: [boolean, boolean, string][] = [
    [before.Periodic !== null, job.Periodic !== null, "periodic"],
    // what is registered is never a dispatched child, even where its body says so
    [isParameterized(before), isParameterized(job), "parameterized"],
  ];
  for (const [was, is, kind] of turns) {
    if (was && !is) throw serverError(`cannot update ${kind} job to being non-${kind}`);
    if (is && !was) throw serverError(`cannot update non-${kind} job to being ${kind}`);
  }
}

/** Stops a job, or deletes it with everything it has. A job that is not there is no error. */
export function deregister(store: Store, namespace: string, id: string, purge: boolean, priority = 0): Registered {
  const job = store.jobs.get(jobKey(namespace, id));
  if (!job) return result(undefined, 0, 0, 0, "");
  const scheduled = !job.Periodic && !isParameterized(job);
  const service = { ...job, Type: "service", Priority: priority || job.Priority };
  const evaluation = scheduled ? newEvaluation(store, service, "job-deregister") : undefined;
  const index = store.write((put, at) => {
    if (purge) put.purge(job);
    else {
      const groups = job.TaskGroups.map((group) =>
        group.Scaling ? { ...group, Scaling: { ...group.Scaling, Enabled: false } } : group,
      );
      put.job({ ...job, TaskGroups: groups, Stop: true, SubmitTime: store.stamp() });
    }
    if (evaluation) put.evaluation({ ...evaluation, JobModifyIndex: at });
  });
  return result(evaluation, index, index, index, "");
}

/** A new evaluation of a job, which may also reschedule what failed and has a policy for it. */
export function evaluate(store: Store, namespace: string, id: string, forceReschedule: boolean): Registered {
  const key = jobKey(namespace, id);
  const job = store.jobs.get(key);
  if (!job) throw serverError("job not found");
  if (job.Periodic) throw serverError("can't evaluate periodic job");
  if (isParameterized(job)) throw serverError("can't evaluate parameterized job");
  const evaluation = newEvaluation(store, job, "job-register", { JobModifyIndex: job.ModifyIndex });
  const index = store.write((put) => {
    if (forceReschedule)
      for (const alloc of allocsOf(store, key)) {
        const group = job.TaskGroups.find((candidate) => candidate.Name === alloc.TaskGroup);
        if (!group || !policyEnabled(group.ReschedulePolicy)) continue;
        if (alloc.NextAllocation === "" && alloc.ClientStatus === "failed" && !alloc.DesiredTransition.ForceReschedule)
          put.alloc({ ...alloc, DesiredTransition: { ...alloc.DesiredTransition, ForceReschedule: true } });
      }
    put.evaluation(evaluation);
  });
  return result(evaluation, index, job.ModifyIndex, index, "");
}
