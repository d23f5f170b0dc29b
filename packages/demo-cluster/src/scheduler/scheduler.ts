import { goTime, MS, SECOND } from "../gotime.ts";
import { newDeployment, newEvaluation } from "../state/fresh.ts";
import { isClientTerminal } from "../state/job-status.ts";
import type { Job, TaskGroup } from "../state/job-types.ts";
import { allocsOf, jobKey, latestDeployment, type Store } from "../state/store.ts";
import type { Allocation, Evaluation } from "../state/types.ts";
import type { Situation } from "./decision.ts";
import { type Outcome, placeAll } from "./outcome.ts";
import { emptyPlan, nodeInReach, selectNode } from "./placement.ts";
import { reconcile } from "./reconcile.ts";
import { decideSystem } from "./system-scheduler.ts";

/** Allocations that fail within this time of each other are rescheduled by one evaluation. */
const TOGETHER = 5 * SECOND;

/** What an evaluation would do to a job, without doing it. */
export function decide(store: Store, evaluation: Evaluation, job: Job | undefined): Outcome {
  const key = jobKey(evaluation.Namespace, evaluation.JobID);
  const type = job?.Type ?? evaluation.Type;
  const now = Math.max(store.clock.now() * MS, store.stamp());
  const latest = latestDeployment(store, key);
  if (type === "system" || type === "sysbatch") return decideSystem(store, evaluation, job, latest, now);
  const batch = type === "batch";
  const situation: Situation = {
    job,
    jobId: evaluation.JobID,
    batch,
    evalId: evaluation.ID,
    now,
    allocs: allocsOf(store, key),
    deployment: batch ? undefined : latest,
    nodes: store.nodes,
    newDeployment: () => newDeployment(store, job as Job, now),
    inPlace: (alloc, group) => inPlace(store, evaluation, job as Job, alloc, group),
  };
  const decision = reconcile(situation);
  const id = decision.begin?.ID ?? (batch ? "" : (latest?.ID ?? ""));
  for (const alloc of decision.inplace)
    if (alloc.DeploymentID !== id) Object.assign(alloc, { DeploymentID: id, DeploymentStatus: null });
  if (!job) {
    const gone = placeAll(store, goneJob(evaluation), evaluation, { ...decision, place: [], destructive: [] }, now);
    return { ...gone, deploymentId: id };
  }
  const outcome = placeAll(store, job, evaluation, decision, now);
  if (decision.place.length + decision.destructive.length === 0)
    for (const group of job.TaskGroups) outcome.queued[group.Name] = 0;
  postpone(store, evaluation, job, decision.later, outcome);
  return { ...outcome, deploymentId: id };
}

/** A job that was purged still has to be named. */
function goneJob(evaluation: Evaluation): Job {
  return {
    ID: evaluation.JobID,
    Namespace: evaluation.Namespace,
    Datacenters: [],
    NodePool: "",
    Type: evaluation.Type,
  } as unknown as Job;
}

/** Follow-up evaluations for failed allocations that have to wait for their time. */
function postpone(
  store: Store,
  evaluation: Evaluation,
  job: Job,
  later: readonly { alloc: Allocation; at: number }[],
  outcome: Outcome,
): void {
  let batch: { at: number; evaluation: Evaluation } | undefined;
  for (const { alloc, at } of [...later].sort((a, b) => a.at - b.at)) {
    if (!batch || at - batch.at >= TOGETHER) {
      const followup = newEvaluation(store, job, "alloc-reschedule", {
        JobModifyIndex: job.ModifyIndex,
        WaitUntil: goTime(at),
        PreviousEval: evaluation.ID,
        StatusDescription: "created for delayed rescheduling",
      });
      batch = { at, evaluation: followup };
      outcome.followups.push(followup);
    }
    const known = outcome.allocs.get(alloc.ID) ?? alloc;
    outcome.allocs.set(alloc.ID, { ...known, FollowupEvalID: batch.evaluation.ID });
  }
}

/** The allocation under the new version of its job, if its node can have it so. */
function inPlace(
  store: Store,
  evaluation: Evaluation,
  job: Job,
  alloc: Allocation,
  group: TaskGroup,
): Allocation | undefined {
  const node = store.nodes.get(alloc.NodeID);
  if (!node || !nodeInReach(job, node)) return undefined;
  const plan = emptyPlan();
  plan.stopped.add(alloc.ID);
  const { resources } = selectNode(store, plan, job, group, [node], { system: true });
  if (!resources) return undefined;
  const { Networks, Ports } = alloc.AllocatedResources.Shared;
  return {
    ...alloc,
    EvalID: evaluation.ID,
    Job: job,
    AllocatedResources: { ...resources, Shared: { ...resources.Shared, Networks, Ports } },
  };
}

/** Runs an evaluation: decides, writes the plan, says how it went. */
export function runEvaluation(store: Store, id: string): void {
  const evaluation = store.evals.get(id);
  if (!evaluation || evaluation.Status === "complete" || evaluation.Status === "canceled") return;
  const key = jobKey(evaluation.Namespace, evaluation.JobID);
  const job = store.jobs.get(key);
  const snapshot = store.index;
  loseTold(store, key);
  const outcome = decide(store, evaluation, job);
  let blocked: Evaluation | undefined;
  if (outcome.failed && evaluation.Status !== "blocked" && job) {
    blocked = blockedEvaluation(store, job, evaluation, outcome, snapshot);
    const created = blocked;
    // system jobs have none per job: their evaluation tells
    if (job.Type === "service" || job.Type === "batch") store.write((put) => put.evaluation(created));
    else blocked = undefined;
  }
  for (const followup of outcome.followups) store.write((put) => put.evaluation(followup));
  applyPlan(store, outcome);
  // what was blocked stays so until everything has a place
  if (evaluation.Status === "blocked" && outcome.failed) return;
  store.write((put) => {
    put.evaluation({
      ...evaluation,
      Status: "complete",
      StatusDescription: "",
      DeploymentID: outcome.deploymentId,
      FailedTGAllocs: outcome.failed,
      BlockedEval: blocked?.ID ?? "",
      NextEval: outcome.followups.at(-1)?.ID ?? evaluation.NextEval,
      QueuedAllocations: job ? outcome.queued : null,
      PlanAnnotations: outcome.annotations,
      SnapshotIndex: snapshot,
      ModifyTime: store.stamp(),
    });
  });
  if (blocked) cancelOlderBlocked(store, key, blocked);
}

/** Told to stop, but its node is gone: it will never say so itself. */
function loseTold(store: Store, key: string): void {
  const told = allocsOf(store, key).filter(
    (alloc) =>
      alloc.DesiredStatus !== "run" && !isClientTerminal(alloc) && store.nodes.get(alloc.NodeID)?.Status === "down",
  );
  if (told.length > 0)
    store.write((put) => {
      for (const alloc of told) put.alloc({ ...alloc, ClientStatus: "lost", ModifyTime: store.stamp() });
    });
}

function blockedEvaluation(
  store: Store,
  job: Job,
  evaluation: Evaluation,
  { failed, plan }: Outcome,
  snapshot: number,
): Evaluation {
  const classes: Record<string, boolean> = {};
  for (const [name, fits] of plan.jobClasses) if (!fits) classes[name] = false;
  for (const group of plan.groupClasses.values())
    for (const [name, fits] of group) classes[name] = (classes[name] ?? false) || fits;
  return newEvaluation(store, job, "queued-allocs", {
    Status: "blocked",
    StatusDescription: "created to place remaining allocations",
    JobModifyIndex: evaluation.JobModifyIndex,
    PreviousEval: evaluation.ID,
    Priority: evaluation.Priority,
    ClassEligibility: Object.keys(classes).length > 0 ? classes : null,
    FailedTGAllocs: failed,
    SnapshotIndex: snapshot,
  });
}

/** Writes what was decided; a plan that changes nothing is not written. */
function applyPlan(store: Store, { allocs, begin, end }: Outcome): void {
  if (allocs.size === 0 && !begin && !end) return;
  const now = store.stamp();
  store.write((put, index) => {
    if (begin) put.deployment(begin);
    if (end)
      put.deployment({
        ...end.deployment,
        Status: end.status,
        StatusDescription: end.description,
        ModifyTime: now,
      });
    for (const alloc of allocs.values()) {
      const isNew = !store.allocs.has(alloc.ID);
      put.alloc({ ...alloc, AllocModifyIndex: index, ModifyTime: isNew ? alloc.ModifyTime : now });
      const previous = alloc.PreviousAllocation ? store.allocs.get(alloc.PreviousAllocation) : undefined;
      if (previous) put.alloc({ ...previous, NextAllocation: alloc.ID });
    }
  });
}

function cancelOlderBlocked(store: Store, key: string, newest: Evaluation): void {
  const older = [...store.evals.values()].filter(
    (other) => other.Status === "blocked" && other.ID !== newest.ID && jobKey(other.Namespace, other.JobID) === key,
  );
  if (older.length === 0) return;
  store.write((put) => {
    for (const other of older)
      put.evaluation({
        ...other,
        Status: "canceled",
        StatusDescription: `existing blocked evaluation exists for job "${other.JobID}"`,
        ModifyTime: store.stamp(),
      });
  });
}
