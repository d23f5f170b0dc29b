import type { Job } from "../../../endpoints/job.ts";
import type { AllocMetric } from "../../../endpoints/metric.ts";
import type { NodeStub } from "../../../endpoints/nodes.ts";
import { all, some } from "../../../text/words.ts";
import { globMatches, inPool, takesWork } from "./meets.ts";
import type { Reason } from "./reason.ts";
import type { Nodes } from "./surroundings.ts";

/** No node was looked at: the datacenters, the pool or the readiness of the nodes rule all of them out. */
export function noNodes(
  job: Pick<Job, "Datacenters" | "NodePool">,
  metric: AllocMetric,
  seen: Nodes | undefined,
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
    if (there.some(takesWork)) return [unknown];
    const states = there.map((node) => `${node.Name} ${nodeState(node)}`);
    return [reason(`no node in ${asked} takes work: ${some(states, 4)}`, bringBack(there[0]))];
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

/** How a node takes work again. */
export function bringBack(node: NodeStub | undefined): string {
  const name = node?.Name ?? "";
  if (node?.Status !== "ready") return `bring ${name} back (nomad node status ${name})`;
  if (node.Drain) return `when its drain is no longer wanted: nomad node drain -disable ${name}`;
  return `let ${name} take work again: nomad node eligibility -enable ${name}`;
}

/** A node's state as far as it keeps work away: "is down", "is draining", "is ineligible". */
export function nodeState(node: NodeStub): string {
  if (node.Status !== "ready") return `is ${node.Status}`;
  if (node.Drain) return "is draining";
  return node.SchedulingEligibility === "eligible" ? "is ready" : "is ineligible";
}
