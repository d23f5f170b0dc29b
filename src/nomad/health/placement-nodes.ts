import { NomadError } from "../../api/errors.ts";
import type { Job } from "../../endpoints/job.ts";
import type { AllocMetric } from "../../endpoints/metric.ts";
import { type NodeStub, nodes } from "../../endpoints/nodes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { all, some } from "../../text/words.ts";

/** One reason for a failed placement. */
export interface Reason {
  readonly sentence: string;
  readonly cure?: string;
  /** How many nodes it rules out. */
  readonly nodes: number;
}

/** The nodes of the cluster as far as they could be read. */
export interface Nodes {
  readonly nodes: readonly NodeStub[];
  /** True where these are all of them, so that "none" may be said. */
  readonly complete: boolean;
}

/** With their resources nodes are 2.5 KB each and more: this many at most are read. */
const mostNodes = 20;
const mostNodesBare = 50;

/**
 * The nodes that the reasons need: with sizes where memory or CPU ran out, bare where no node was even looked at.
 * Undefined where nothing asks for them or the token may not read nodes: the sentences then say less.
 */
export async function nodesFor(
  nomad: NomadClient,
  failed: Readonly<Record<string, AllocMetric>>,
): Promise<Nodes | undefined> {
  const metrics = Object.values(failed);
  const sized = metrics.some(({ DimensionExhausted: out }) => out && ("memory" in out || "cpu" in out));
  if (!sized && metrics.every(({ NodesEvaluated }) => NodesEvaluated > 0)) return undefined;
  const query = { resources: sized || undefined, per_page: sized ? mostNodes : mostNodesBare };
  try {
    const { items, next } = await nomad.list(nodes.list, query);
    return { nodes: items, complete: next === undefined };
  } catch (error) {
    if (error instanceof NomadError && error.kind !== "cancelled") return undefined;
    throw error;
  }
}

/** No node was looked at: the datacenters, the pool or the readiness of the nodes rule all of them out. */
export function noNodes(
  job: Pick<Job, "Datacenters" | "NodePool">,
  metric: AllocMetric,
  seen: Nodes | undefined,
): Reason[] {
  const datacenters = job.Datacenters ?? ["*"];
  const pool = metric.NodePool || job.NodePool || "default";
  const asked = `${datacenters.length === 1 ? "datacenter" : "datacenters"} ${all(datacenters, "or")}${pool === "default" ? "" : ` and node pool ${pool}`}`;
  const unknown: Reason[] = [
    {
      sentence: `no ready, eligible node is in ${asked}`,
      cure: "correct the job's datacenters or node_pool, or bring up a node there",
      nodes: 0,
    },
  ];
  if (seen === undefined || seen.nodes.length === 0) {
    return seen?.complete
      ? [{ sentence: "the cluster has no client node at all", cure: "start a Nomad client", nodes: 0 }]
      : unknown;
  }
  const inPool = seen.nodes.filter((node) => pool === "all" || (node.NodePool ?? "default") === pool);
  const there = inPool.filter((node) => datacenters.some((pattern) => globMatches(pattern, node.Datacenter)));
  const usable = (node: NodeStub) => node.Status === "ready" && node.SchedulingEligibility === "eligible";
  if (there.length > 0) {
    if (there.some(usable)) return unknown;
    const states = there.map((node) => `${node.Name} ${nodeState(node)}`);
    return [{ sentence: `no node in ${asked} takes work: ${some(states, 4)}`, cure: bringBack(there[0]), nodes: 0 }];
  }
  if (!seen.complete) return unknown;
  if (inPool.length === 0) {
    const pools = [...new Set(seen.nodes.map((node) => node.NodePool ?? "default"))].sort();
    return [
      {
        sentence: `no node is in node pool ${pool}; nodes are in ${all(pools)}`,
        cure: `set node_pool to ${all(pools, "or")}`,
        nodes: 0,
      },
    ];
  }
  const ready = [...new Set(inPool.filter(usable).map((node) => node.Datacenter))].sort();
  const elsewhere = ready.length > 0 ? `ready nodes are in ${all(ready)}` : "no other node is ready either";
  return [
    {
      sentence: `no node in ${asked}; ${elsewhere}`,
      ...(ready.length > 0 && { cure: `set datacenters to ${all(ready, "or")}` }),
      nodes: 0,
    },
  ];
}

/** How a node takes work again. */
function bringBack(node: NodeStub | undefined): string {
  const name = node?.Name ?? "";
  if (node?.Status !== "ready") return `bring ${name} back (nomad node status ${name})`;
  return `let ${name} take work again: nomad node eligibility -enable ${name}`;
}

/** A node's state as far as it keeps work away: "down", "draining", "ineligible". */
function nodeState(node: NodeStub): string {
  if (node.Status !== "ready") return `is ${node.Status}`;
  if (node.Drain) return "is draining";
  return node.SchedulingEligibility === "eligible" ? "is ready" : "is ineligible";
}

/** Nomad's datacenter patterns know `*` and `?` only (helper/wildcards). */
function globMatches(pattern: string, text: string): boolean {
  const source = [...pattern].map((each) =>
    each === "*" ? ".*" : each === "?" ? "." : each.replace(/[\\^$.+()[\]{}|]/, "\\$&"),
  );
  return new RegExp(`^${source.join("").replaceAll(/(\.\*)+/g, ".*")}$`).test(text);
}
