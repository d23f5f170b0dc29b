import type { Resources, TaskGroup } from "../state/job-types.ts";
import type { Node } from "../state/node-types.ts";
import type { Metric } from "../state/types.ts";
import { resources } from "../state/wire.ts";

/** A count of what the scheduler looked at and why it passed nodes over. */
export function emptyMetric(): Metric {
  return {
    NodesEvaluated: 0,
    NodesFiltered: 0,
    NodesInPool: 0,
    NodePool: "",
    NodesAvailable: null,
    ClassFiltered: null,
    ConstraintFiltered: null,
    NodesExhausted: 0,
    ClassExhausted: null,
    DimensionExhausted: null,
    QuotaExhausted: null,
    ResourcesExhausted: null,
    Scores: null,
    ScoreMetaData: null,
    AllocationTime: 0,
    CoalescedFailures: 0,
  };
}

function count(map: Record<string, number> | null, key: string): Record<string, number> | null {
  return key === "" ? map : { ...map, [key]: (map?.[key] ?? 0) + 1 };
}

/** The node cannot run this whatever else it does. */
export function filterNode(metric: Metric, node: Node, why: string): void {
  metric.NodesFiltered++;
  metric.ClassFiltered = count(metric.ClassFiltered, node.NodeClass);
  metric.ConstraintFiltered = count(metric.ConstraintFiltered, why);
}

/** The node has too little left of something. */
export function exhaustNode(metric: Metric, node: Node, dimension: string): void {
  metric.NodesExhausted++;
  metric.ClassExhausted = count(metric.ClassExhausted, node.NodeClass);
  metric.DimensionExhausted = count(metric.DimensionExhausted, dimension);
}

/** Adds what the tasks of a group asked for, of what there was too little of. */
export function addExhausted(metric: Metric, group: TaskGroup): void {
  const dimensions = metric.DimensionExhausted;
  if (!dimensions) return;
  const all: Record<string, Resources> = { ...metric.ResourcesExhausted };
  for (const task of group.Tasks) {
    const asked = { ...(all[task.Name] ?? resources()) };
    if (dimensions.memory) asked.MemoryMB += task.Resources.MemoryMB;
    if (dimensions.cpu) asked.CPU += task.Resources.CPU;
    all[task.Name] = asked;
  }
  metric.ResourcesExhausted = all;
}
