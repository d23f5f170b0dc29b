import { newAllocation } from "../state/fresh.ts";
import type { Job, TaskGroup } from "../state/job-types.ts";
import type { Node } from "../state/node-types.ts";
import type { Store } from "../state/store.ts";
import type { Allocation, Deployment, Evaluation, Metric } from "../state/types.ts";
import { addExhausted } from "./metric.ts";
import type { Outcome } from "./outcome.ts";
import { selectNode } from "./placement.ts";

/** One group on one node that has to be placed. */
export interface Wish {
  node: Node;
  group: TaskGroup;
  previous: Allocation | undefined;
}

/** Finds out for each wish whether its node can have it; gives how many each group has then, with those that stay. */
export function placeWishes(
  store: Store,
  outcome: Outcome,
  evaluation: Evaluation,
  job: Job,
  wishes: readonly Wish[],
  ready: { nodes: readonly Node[]; byDatacenter: Record<string, number> },
  deployment: Deployment | undefined,
  kept: ReadonlyMap<string, number>,
  now: number,
): Map<string, number> {
  const candidates = new Map(kept);
  const filtered: Record<string, Metric> = {};
  const count = (name: string, by: number) => candidates.set(name, (candidates.get(name) ?? 0) + by);
  for (const { group } of wishes) {
    outcome.queued[group.Name] = (outcome.queued[group.Name] ?? 0) + 1;
    count(group.Name, 1);
  }
  for (const { node, group, previous } of wishes) {
    const { resources, metric } = selectNode(store, outcome.plan, job, group, [node], { system: true });
    metric.NodesAvailable = ready.byDatacenter;
    metric.NodesInPool = ready.nodes.length;
    if (resources) {
      const name = `${job.ID}.${group.Name}[0]`;
      const alloc = newAllocation(store.chance, job, evaluation.ID, name, group.Name, node, resources, metric, now);
      alloc.PreviousAllocation = previous?.ID ?? "";
      alloc.DeploymentID = deployment?.ID ?? "";
      outcome.allocs.set(alloc.ID, alloc);
      outcome.plan.placed.push(alloc);
      outcome.queued[group.Name] = (outcome.queued[group.Name] ?? 1) - 1;
      continue;
    }
    count(group.Name, -1);
    if (metric.NodesFiltered > 0) {
      // a node that cannot have it is no failure, unless no node at all can
      outcome.queued[group.Name] = (outcome.queued[group.Name] ?? 1) - 1;
      const merged = merge(filtered[group.Name], metric);
      filtered[group.Name] = merged;
      const wished = wishes.filter((wish) => wish.group === group).length;
      if (merged.NodesFiltered === wished && !kept.has(group.Name))
        outcome.failed = { ...outcome.failed, [group.Name]: merged };
      continue;
    }
    const before = outcome.failed?.[group.Name];
    if (before) before.CoalescedFailures++;
    else outcome.failed = { ...outcome.failed, [group.Name]: { ...metric, NodePool: job.NodePool } };
    const failed = outcome.failed?.[group.Name];
    if (failed) addExhausted(failed, group);
  }
  // what stays counts as placed, too
  for (const [name, total] of candidates) {
    const counts = outcome.annotations.DesiredTGUpdates[name];
    if (counts) counts.Place = total;
  }
  return candidates;
}

function merge(a: Metric | undefined, b: Metric): Metric {
  if (!a) return b;
  const add = (x: Record<string, number> | null, y: Record<string, number> | null) => {
    const sum = { ...x };
    for (const [key, value] of Object.entries(y ?? {})) sum[key] = (sum[key] ?? 0) + value;
    return x || y ? sum : null;
  };
  return {
    ...a,
    NodesEvaluated: a.NodesEvaluated + b.NodesEvaluated,
    NodesFiltered: a.NodesFiltered + b.NodesFiltered,
    ClassFiltered: add(a.ClassFiltered, b.ClassFiltered),
    ConstraintFiltered: add(a.ConstraintFiltered, b.ConstraintFiltered),
  };
}
