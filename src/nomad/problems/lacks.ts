import type { JobStub } from "../../endpoints/jobs.ts";
import type { AllocMetric } from "../../endpoints/metric.ts";
import { type Nodes, noNodes } from "../health/placement-nodes.ts";

/** Of so many reasons one placement tells, that which rules out most nodes first. */
const mostReasons = 2;

/** What the texts of the scheduler lack, in words that need no job to be read. */
const texts: Readonly<Record<string, string>> = {
  "missing drivers": "a driver that it needs is missing or unhealthy",
  "missing devices": "a device that it needs is missing",
  "missing compatible host volumes": "a host volume that it needs is missing",
  "missing network": "no node has a network of its mode",
  distinct_hosts: "distinct_hosts: every node runs one of it already",
  memory: "memory is short",
  cpu: "CPU is short",
  disk: "disk is short",
  "network: dynamic port selection failed": "no dynamic port is free",
};

/**
 * What a placement lacked, without numbers of nodes, so that what failed alike reads alike: "memory is short", "port 8080
 * is taken". Each node is counted under its first failing reason only (nomad-observed §2), so nothing is said of what
 * else may be missing.
 */
export function lackOf(
  metric: AllocMetric,
  job: Pick<JobStub, "Datacenters" | "NodePool"> | undefined,
  nodes: Nodes | undefined,
): string {
  if (metric.QuotaExhausted?.length) return "the namespace's quota is used up";
  if (metric.NodesEvaluated === 0) {
    const [reason] = noNodes({ Datacenters: null, ...job }, metric, job && nodes);
    return reason?.sentence ?? "no node was looked at";
  }
  const counted = Object.entries({ ...metric.ConstraintFiltered, ...metric.DimensionExhausted });
  // Nodes of the same kind are counted under this instead of under the reason that ruled out the first of them.
  const telling = counted.filter(([text]) => text !== "computed class ineligible");
  const reasons = telling.toSorted(([, one], [, other]) => other - one).map(([text]) => inWords(text));
  return reasons.slice(0, mostReasons).join("; ") || "Nomad gives no reason";
}

function inWords(text: string): string {
  const known = Object.hasOwn(texts, text) ? texts[text] : undefined;
  if (known !== undefined) return known;
  const port = /^network: reserved port collision .+=(\d+)$/.exec(text);
  if (port) return `port ${port[1]} is taken`;
  if (text.startsWith("missing CSI volume")) return text.replace("missing CSI volume(s)", "there is no CSI volume");
  if (text.startsWith("missing ")) return `no node has the ${text.slice("missing ".length)}`;
  if (text.startsWith("devices:")) return `no device is free (${text.slice("devices:".length).trim()})`;
  if (/^\$\{|^distinct_property/.test(text)) return `the constraint ${text} is not met`;
  return text;
}
