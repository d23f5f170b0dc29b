import { newAllocation } from "../state/fresh.ts";
import { isActive } from "../state/job-status.ts";
import type { Job } from "../state/job-types.ts";
import { jobKey, type Store } from "../state/store.ts";
import type { Allocation, Deployment, Evaluation, Metric, PlanAnnotations } from "../state/types.ts";
import { isCanarying } from "./canaries.ts";
import type { Decision, Placement, Stop } from "./decision.ts";
import { addExhausted } from "./metric.ts";
import { emptyPlan, type Plan, readyNodes, selectNode } from "./placement.ts";
import { trackerAfter } from "./reschedule.ts";

/** What an evaluation comes to: the plan and what is left to say about it. */
export interface Outcome {
  /** Allocations as they are after the plan: new, stopped and changed ones. */
  allocs: Map<string, Allocation>;
  begin: Deployment | undefined;
  end: Decision["end"];
  followups: Evaluation[];
  failed: Record<string, Metric> | null;
  queued: Record<string, number>;
  annotations: PlanAnnotations;
  plan: Plan;
  deploymentId: string;
}

/** Stops an allocation in the plan. */
export function stopIn(outcome: Outcome, { alloc, description, lost }: Stop): void {
  outcome.plan.stopped.add(alloc.ID);
  outcome.allocs.set(alloc.ID, {
    ...alloc,
    DesiredStatus: "stop",
    DesiredDescription: description,
    ClientStatus: lost ? "lost" : alloc.ClientStatus,
  });
}

/** Finds places for what was decided; what has none is counted per group. */
export function placeAll(store: Store, job: Job, evaluation: Evaluation, decision: Decision, now: number): Outcome {
  const outcome: Outcome = {
    allocs: new Map(),
    begin: decision.begin,
    end: decision.end,
    followups: [],
    failed: null,
    queued: {},
    annotations: { DesiredTGUpdates: decision.desired, PreemptedAllocs: null },
    plan: emptyPlan(),
    deploymentId: "",
  };
  for (const stop of decision.stop) stopIn(outcome, stop);
  for (const alloc of decision.inplace) {
    outcome.allocs.set(alloc.ID, alloc);
    outcome.plan.placed.push(alloc);
  }
  const wanted = [...decision.destructive, ...decision.place];
  for (const { group } of wanted) outcome.queued[group.Name] = (outcome.queued[group.Name] ?? 0) + 1;
  const { nodes, byDatacenter } = readyNodes(store, job);
  const active = decision.current && isActive(decision.current) ? decision.current.ID : "";
  const limit = job.Type === "batch" ? 2 : Math.max(2, Math.ceil(Math.log2(nodes.length || 1)));
  for (const placement of wanted) {
    const name = placement.group.Name;
    const before = outcome.failed?.[name];
    if (before) {
      before.CoalescedFailures++;
      addExhausted(before, placement.group);
      giveUp(outcome, placement);
      continue;
    }
    const { previous } = placement;
    if (previous && placement.replaces) outcome.plan.stopped.add(previous.ID);
    const { job: own, group, deploymentId } = versionFor(store, job, placement, active);
    const selection = selectNode(store, outcome.plan, own, group, nodes, {
      penalty: penalty(previous),
      limit,
    });
    const { metric } = selection;
    metric.NodesAvailable = byDatacenter;
    metric.NodesInPool = nodes.length;
    metric.NodePool = job.NodePool;
    if (!selection.node || !selection.resources) {
      addExhausted(metric, placement.group);
      outcome.failed = { ...outcome.failed, [name]: metric };
      giveUp(outcome, placement);
      continue;
    }
    const alloc = newAllocation(
      store.chance,
      own,
      evaluation.ID,
      placement.name,
      name,
      selection.node,
      selection.resources,
      metric,
      now,
    );
    alloc.DeploymentID = deploymentId;
    if (placement.canary && active)
      alloc.DeploymentStatus = { Canary: true, Healthy: null, ModifyIndex: 0, Timestamp: null };
    if (previous) follow(outcome, placement, previous, alloc, now);
    outcome.allocs.set(alloc.ID, alloc);
    outcome.plan.placed.push(alloc);
    outcome.queued[name] = (outcome.queued[name] ?? 1) - 1;
  }
  return outcome;
}

/** The version that an allocation is placed with, and its deployment: while canaries wait, the last one that was promoted. */
function versionFor(store: Store, job: Job, { group, older, previous }: Placement, active: string) {
  const newest = { job, group, deploymentId: active };
  if (!older) return newest;
  const key = jobKey(job.Namespace, job.ID);
  const deployments = [...store.deployments.values()]
    .filter((one) => jobKey(one.Namespace, one.JobID) === key)
    .sort((a, b) => b.JobVersion - a.JobVersion);
  const promoted = deployments.find(({ TaskGroups: { [group.Name]: state } }) => state && !isCanarying(state));
  const version = promoted?.JobVersion ?? previous?.Job.Version;
  const before = store.versions.get(key)?.find(({ Version }) => Version === version);
  const same = before?.TaskGroups.find(({ Name }) => Name === group.Name);
  return before && same ? { job: before, group: same, deploymentId: promoted?.ID ?? "" } : newest;
}

/** A replacement knows what it replaces, and stays away from where that failed. */
function follow(outcome: Outcome, placement: Placement, previous: Allocation, alloc: Allocation, now: number): void {
  alloc.PreviousAllocation = previous.ID;
  if (placement.replaces) stopIn(outcome, { alloc: previous, description: placement.replaces });
  if (!placement.reschedule) return;
  alloc.RescheduleTracker = trackerAfter(previous, now);
  // Nomad forgets the words of the stop when it notes the reschedule
  outcome.allocs.set(previous.ID, { ...previous, DesiredStatus: "stop" });
}

/** No place: what was to be replaced stays as it is. */
function giveUp(outcome: Outcome, { previous, replaces, reschedule }: Placement): void {
  if (!previous) return;
  if (replaces) outcome.plan.stopped.delete(previous.ID);
  if (!reschedule) return;
  outcome.plan.stopped.delete(previous.ID);
  const tracker = { Events: previous.RescheduleTracker?.Events ?? null, LastReschedule: "no placement" };
  outcome.allocs.set(previous.ID, { ...previous, RescheduleTracker: tracker });
}

function penalty(previous: Allocation | undefined): Set<string> {
  const nodes = new Set<string>();
  if (previous?.ClientStatus === "failed") nodes.add(previous.NodeID);
  for (const event of previous?.RescheduleTracker?.Events ?? []) nodes.add(event.PrevNodeID);
  return nodes;
}
