import type { Job } from "../../../endpoints/job.ts";
import type { AllocMetric } from "../../../endpoints/metric.ts";
import { all, some } from "../../../text/words.ts";
import { nodeState, takesWork } from "../../nodes/words.ts";
import { globMatches, inPool } from "./meets.ts";
import type { Reason } from "./reason.ts";
import type { Nodes, Surroundings } from "./surroundings.ts";

/**
 * No node was looked at: the datacenters, the pool or the readiness of the nodes rule all of them out. `bringBack`: how a
 * node takes work again, for who asks what to do.
 */
export function noNodes(
  job: Pick<Job, "Datacenters" | "NodePool">,
  metric: AllocMetric,
  seen: Nodes | undefined,
  bringBack?: Surroundings["bringBack"],
): Reason[] {
  const datacenters = job.Datacenters ?? ["*"];
  const pool = metric.NodePool || job.NodePool || "default";
  const asked = `${datacenters.length === 1 ? "datacenter" : "datacenters"} ${all(datacenters, "or")}${pool === "default" ? "" : ` and node pool ${pool}`}`;
  const unknown = reason(
    `no ready, eligible node is in ${asked}`,
    "correct the job's datacenters or node_pool, or bring up a node there",
  );
  if (seen === undefined || seen.nodes.length === 0) {
    return seen?.complete ? [reason("the cluster has no client node at all", "start a Nomad client")] : [unknown];
  }
  const pooled = seen.nodes.filter((node) => inPool(pool, node));
  const there = pooled.filter((node) => datacenters.some((pattern) => globMatches(pattern, node.Datacenter)));
  if (there.length > 0) {
    const [first] = there;
    if (first === undefined || there.some(takesWork)) return [unknown];
    const states = there.map((node) => `${node.Name} is ${nodeState(node)}`);
    return [reason(`no node in ${asked} takes work: ${some(states, 4)}`, ...(bringBack ? [bringBack(first)] : []))];
  }
  if (!seen.complete) return [unknown];
  if (pooled.length === 0) {
    const pools = [...new Set(seen.nodes.map((node) => node.NodePool ?? "default"))].sort();
    return [
      reason(`no node is in node pool ${pool}; nodes are in ${all(pools)}`, `set node_pool to ${all(pools, "or")}`),
    ];
  }
  const ready = [...new Set(pooled.filter(takesWork).map((node) => node.Datacenter))].sort();
  const elsewhere = ready.length > 0 ? `ready nodes are in ${all(ready)}` : "no other node is ready either";
  const cures = ready.length > 0 ? [`set datacenters to ${all(ready, "or")}`] : [];
  return [reason(`no node in ${asked}; ${elsewhere}`, ...cures)];
}

const reason = (sentence: string, ...cures: string[]): Reason => ({ sentence, cures, nodes: 0 });
