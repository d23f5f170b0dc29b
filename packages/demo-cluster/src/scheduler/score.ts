import type { Job, TaskGroup } from "../state/job-types.ts";
import type { Node } from "../state/node-types.ts";
import type { Allocation, Metric } from "../state/types.ts";
import { meetsConstraint } from "./constraints.ts";

/** How well an allocation would fit on a node, noted in the metric as Nomad notes it. */
export function scoreNode(
  job: Job,
  group: TaskGroup,
  node: Node,
  others: readonly Allocation[],
  sum: { cpu: number; memory: number },
  options: { penalty?: ReadonlySet<string>; system?: boolean },
  metric: Metric,
): number {
  const free = (have: number, taken: number) => 10 ** (1 - taken / have);
  const { Cpu, Memory } = node.NodeResources;
  const fit = Math.min(18, Math.max(0, 20 - free(Cpu.CpuShares, sum.cpu) - free(Memory.MemoryMB, sum.memory))) / 18;
  const scores: Record<string, number> = { binpack: fit };
  const counted = [fit];
  if (!options.system) {
    const collisions = others.filter(
      (alloc) => alloc.JobID === job.ID && alloc.Namespace === job.Namespace && alloc.TaskGroup === group.Name,
    ).length;
    const affinity = collisions > 0 ? -(collisions + 1) / group.Count : 0;
    const penalty = options.penalty?.has(node.ID) ? -1 : 0;
    const wishes = [...(job.Affinities ?? []), ...(group.Affinities ?? [])];
    const weight = wishes.reduce((all, wish) => all + Math.abs(wish.Weight), 0);
    const met = wishes.reduce((all, wish) => all + (meetsConstraint(wish, node) ? wish.Weight : 0), 0);
    const liking = weight > 0 ? met / weight : 0;
    Object.assign(scores, {
      "job-anti-affinity": affinity,
      "node-reschedule-penalty": penalty,
      "node-affinity": liking,
    });
    counted.push(...[affinity, penalty, liking].filter((score) => score !== 0));
  }
  const norm = counted.reduce((a, b) => a + b, 0) / counted.length;
  metric.ScoreMetaData = [...(metric.ScoreMetaData ?? []), { NodeID: node.ID, Scores: scores, NormScore: norm }];
  return norm;
}
