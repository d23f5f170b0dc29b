import { isDestructive } from "../job/changes.ts";
import { newDeployment } from "../state/fresh.ts";
import { isActive, isTerminal } from "../state/job-status.ts";
import type { Job } from "../state/job-types.ts";
import { allocsOf, jobKey, type Store } from "../state/store.ts";
import type { Allocation, Deployment, DesiredUpdates, Evaluation } from "../state/types.ts";
import { type Decision, noUpdates, STOPPED } from "./decision.ts";
import { type Outcome, stopIn } from "./outcome.ts";
import { emptyPlan, nodeInReach, readyNodes } from "./placement.ts";
import { placeWishes, type Wish } from "./system-placement.ts";

/** System and sysbatch jobs: one allocation of each group on each node that can have it. */
export function decideSystem(
  store: Store,
  evaluation: Evaluation,
  job: Job | undefined,
  latest: Deployment | undefined,
  now: number,
): Outcome {
  const outcome: Outcome = {
    allocs: new Map(),
    begin: undefined,
    end: undefined,
    followups: [],
    failed: null,
    queued: {},
    annotations: { DesiredTGUpdates: {}, PreemptedAllocs: null },
    plan: emptyPlan(),
    deploymentId: job?.Type === "system" ? (latest?.ID ?? "") : "",
  };
  const all = allocsOf(store, jobKey(evaluation.Namespace, evaluation.JobID));
  const live = all.filter((alloc) => !isTerminal(alloc));
  if (!job || job.Stop) {
    for (const alloc of live) {
      const counts = countsOf(outcome, alloc.TaskGroup);
      counts.Stop++;
      stopIn(outcome, { alloc, description: STOPPED.notNeeded, lost: isGone(store, alloc) });
    }
    for (const group of job?.TaskGroups ?? []) outcome.queued[group.Name] = 0;
    if (latest && isActive(latest)) outcome.end = cancelled(latest, "Cancelled because job is stopped");
    return outcome;
  }
  const current = currentDeployment(job, latest, outcome);
  const { nodes, byDatacenter } = readyNodes(store, job);
  const wishes: Wish[] = [];
  const kept = new Map<string, number>();
  let updating = 0;
  for (const group of job.TaskGroups) {
    const counts = countsOf(outcome, group.Name);
    outcome.queued[group.Name] = 0;
    if (group.Count === 0) continue;
    let room = group.Update?.MaxParallel || nodes.length;
    for (const node of nodes) {
      const here = all.filter((alloc) => alloc.NodeID === node.ID && alloc.TaskGroup === group.Name);
      const running = here.find((alloc) => !isTerminal(alloc));
      const ended = here.filter((alloc) => isTerminal(alloc)).at(-1);
      if (!running) {
        if (doneOnce(job, ended)) counts.Ignore++;
        else wishes.push({ node, group, previous: ended });
        continue;
      }
      if (running.DesiredTransition.Migrate) continue;
      const keep = () => kept.set(group.Name, (kept.get(group.Name) ?? 0) + 1);
      if (running.Job.JobModifyIndex === job.JobModifyIndex) {
        keep();
        counts.Ignore++;
      } else if (!isDestructive(running.Job, job, group.Name)) {
        keep();
        counts.InPlaceUpdate++;
        const moved = current ? { DeploymentID: current.ID, DeploymentStatus: null } : {};
        outcome.allocs.set(running.ID, { ...running, Job: job, EvalID: evaluation.ID, ...moved });
      } else if (room-- > 0) {
        counts.DestructiveUpdate++;
        updating++;
        stopIn(outcome, { alloc: running, description: STOPPED.updating });
        wishes.push({ node, group, previous: running });
      } else {
        keep();
        updating++;
        // All of them are counted, also those whose turn has not come.
        counts.DestructiveUpdate++;
      }
    }
  }
  for (const alloc of live) stopMisplaced(store, outcome, job, alloc);
  const deployment = deploymentFor(store, job, current, latest, all, wishes.length + updating, now);
  const candidates = placeWishes(
    store,
    outcome,
    evaluation,
    job,
    wishes,
    { nodes, byDatacenter },
    deployment,
    kept,
    now,
  );
  if (deployment) settleDeployment(outcome, job, deployment, current, candidates, wishes.length + updating);
  return outcome;
}

/** What an evaluation says that it does to a group. */
function countsOf({ annotations }: Outcome, group: string): DesiredUpdates {
  const known = annotations.DesiredTGUpdates[group] ?? noUpdates();
  annotations.DesiredTGUpdates[group] = known;
  return known;
}

function isGone(store: Store, alloc: Allocation): boolean {
  return store.nodes.get(alloc.NodeID)?.Status !== "ready";
}

function cancelled(deployment: Deployment, description: string): Decision["end"] {
  return { deployment, status: "cancelled", description };
}

/** A sysbatch allocation that ended well is done with its version; a system job's is always replaced. */
function doneOnce(job: Job, ended: Allocation | undefined): boolean {
  return job.Type === "sysbatch" && ended?.ClientStatus === "complete" && ended.Job.Version === job.Version;
}

function currentDeployment(job: Job, latest: Deployment | undefined, outcome: Outcome): Deployment | undefined {
  if (!latest) return undefined;
  if (latest.JobCreateIndex !== job.CreateIndex || latest.JobVersion !== job.Version) {
    if (isActive(latest)) outcome.end = cancelled(latest, "Cancelled due to newer version of job");
    return undefined;
  }
  return latest.Status === "successful" ? undefined : latest;
}

/** Stops what runs where the job no longer may. */
function stopMisplaced(store: Store, outcome: Outcome, job: Job, alloc: Allocation): void {
  if (outcome.plan.stopped.has(alloc.ID)) return;
  const node = store.nodes.get(alloc.NodeID);
  const counts = countsOf(outcome, alloc.TaskGroup);
  const wanted = job.TaskGroups.some((group) => group.Name === alloc.TaskGroup && group.Count > 0);
  if (!node || node.Status === "down") {
    counts.Stop++;
    stopIn(outcome, { alloc, description: STOPPED.lost, lost: true });
  } else if (!wanted || !nodeInReach(job, node)) {
    counts.Stop++;
    stopIn(outcome, { alloc, description: STOPPED.notNeeded });
  } else if (alloc.DesiredTransition.Migrate) {
    counts.Migrate++;
    stopIn(outcome, { alloc, description: STOPPED.tainted });
  }
}

function deploymentFor(
  store: Store,
  job: Job,
  current: Deployment | undefined,
  latest: Deployment | undefined,
  all: readonly Allocation[],
  work: number,
  now: number,
): Deployment | undefined {
  if (job.Type !== "system") return undefined;
  if (current) return isActive(current) ? { ...current, TaskGroups: { ...current.TaskGroups } } : undefined;
  const sameVersion = latest?.JobVersion === job.Version && latest.JobCreateIndex === job.CreateIndex;
  const ran = all.some((alloc) => alloc.Job.Version === job.Version && alloc.Job.CreateIndex === job.CreateIndex);
  return sameVersion || ran || work === 0 ? undefined : newDeployment(store, job, now);
}

/** How much a system job wants is known only once it is placed. */
function settleDeployment(
  outcome: Outcome,
  job: Job,
  deployment: Deployment,
  current: Deployment | undefined,
  candidates: ReadonlyMap<string, number>,
  work: number,
): void {
  let complete = work === 0;
  for (const group of job.TaskGroups) {
    const total = candidates.get(group.Name) ?? 0;
    const before = deployment.TaskGroups[group.Name];
    deployment.TaskGroups[group.Name] = {
      AutoRevert: group.Update?.AutoRevert ?? false,
      AutoPromote: false,
      ProgressDeadline: group.Update?.ProgressDeadline ?? 0,
      RequireProgressBy: before?.RequireProgressBy ?? null,
      Promoted: false,
      PlacedCanaries: null,
      DesiredCanaries: 0,
      DesiredTotal: total,
      PlacedAllocs: before?.PlacedAllocs ?? 0,
      HealthyAllocs: before?.HealthyAllocs ?? 0,
      UnhealthyAllocs: before?.UnhealthyAllocs ?? 0,
    };
    if ((before?.HealthyAllocs ?? 0) < total) complete = false;
  }
  if (complete) outcome.end = { deployment, status: "successful", description: "Deployment completed successfully" };
  if (!current) outcome.begin = deployment;
  outcome.deploymentId = deployment.ID;
}
