import type { JobStub } from "../../../endpoints/jobs.ts";
import type { AllocMetric } from "../../../endpoints/metric.ts";
import { impliedInGeneral } from "./implied.ts";
import { type Meaning, meaningOf } from "./metric-texts.ts";
import { noNodes } from "./no-nodes.ts";
import type { Nodes } from "./surroundings.ts";

/** Of so many reasons one placement tells, that which rules out most nodes first. */
const mostReasons = 2;

/** What is lacking, in words that need no job to be read. */
const kinds: Partial<Record<Meaning["kind"], string>> = {
  drivers: "a driver that it needs is missing or unhealthy",
  devices: "a device that it needs is missing",
  "host volumes": "a host volume that it needs is missing, in use or made for another use",
  network: "no node has a network of its mode",
  secrets: "a secrets plugin that it needs is missing",
  "distinct hosts": "distinct_hosts: every node runs one of it already",
  memory: "memory is short",
  cpu: "CPU is short",
  disk: "disk is short",
  "dynamic port": "no dynamic port is free",
};

/**
 * What a placement lacked, without numbers of nodes, so that what failed alike reads alike: "memory is short", "port 8080
 * is taken". Each node is counted under its first failing reason only (nomad-observed.md §2), so nothing is said of what
 * else may be missing. What is exhausted on nodes that meet all constraints comes before the constraints.
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
  const sorted = (counts: AllocMetric["ConstraintFiltered"]) =>
    Object.entries(counts ?? {}).toSorted(([, one], [, other]) => other - one);
  const counted = [...sorted(metric.DimensionExhausted), ...sorted(metric.ConstraintFiltered)];
  // Nodes of the same kind are counted under this instead of under the reason that ruled out the first of them.
  const telling = counted.filter(([text]) => text !== "computed class ineligible");
  const reasons = telling.map(([text]) => inWords(text));
  return reasons.slice(0, mostReasons).join("; ") || "Nomad gives no reason";
}

function inWords(text: string): string {
  const meaning = meaningOf(text);
  const known = kinds[meaning.kind];
  if (known !== undefined) return known;
  switch (meaning.kind) {
    case "port":
      return `port ${meaning.port} is taken`;
    case "csi missing":
      return `there is no CSI volume ${meaning.what}`;
    case "host network":
      return `no node has the ${meaning.what}`;
    case "devices taken":
      return `no device is free (${meaning.what})`;
    case "constraint":
      return impliedInGeneral(text) ?? `the constraint ${text} is not met`;
    case "distinct property":
      return `the constraint ${text} is not met`;
    default:
      return text;
  }
}
