import type { AllocationStub } from "../../endpoints/allocations.ts";
import type { Node } from "../../endpoints/nodes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { table } from "../../text/table.ts";
import { age, ago, fromGoTime, fromNanoseconds, span } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { all, grouped, plural, short, some } from "../../text/words.ts";
import { shortName } from "../allocations/words.ts";
import { ifOffered } from "../shared/next-step.ts";
import { given } from "../shared/parts.ts";
import { cpu, type Dimension, freeOn, memory } from "./capacity.ts";
import { devicesText } from "./devices.ts";
import { soFar } from "./drain/outcome-text.ts";
import { holds, type JudgedNode, type SeenNode, takesRoom } from "./seen-node.ts";
import { bringBack, drainedAt, drainReason, illDrivers, nodeState, stateSince } from "./words.ts";

const mostRows = 20;
const mostEvents = 3;
const mostVolumes = 6;

/** How a node is: the verdict, what it has, what happened to it, what runs there, what to do. */
export function nodeAnswer(seen: JudgedNode, nomad: NomadClient): Answer {
  const { node } = seen;
  const now = nomad.now();
  const listed = given(seen.placed);
  const gone = seen.gone && given(seen.gone);
  const place = [
    `node ${short(node.ID)}${node.Address ? ` at ${node.Address}` : ""}`,
    `datacenter ${node.Datacenter}`,
    `pool ${node.NodePool ?? "default"}`,
    node.NodeClass && `class ${node.NodeClass}`,
  ].filter(Boolean);
  const runs = listed !== undefined && listed.length > 0;
  return {
    headline: `${node.Name} (${place.join(", ")}): ${verdict(seen, now)}`,
    sections: [
      ...(gone === undefined ? [] : soFar(nomad, gone)),
      resources(seen),
      drivers(node),
      volumes(node),
      ...events(node, now),
      listed === undefined ? "What runs there could not be read (the token needs read-job)." : count(seen),
      runs && `\n${rows(listed.slice(0, mostRows), now)}`,
      seen.unseen !== "" && `\n${seen.unseen}`,
    ],
    next: next(node, nomad),
    data: {
      node_id: node.ID,
      name: node.Name,
      state: nodeState(node),
      datacenter: node.Datacenter,
      node_pool: node.NodePool,
      ...sizesOf(seen),
      allocations: listed?.map((each) => ({ allocation_id: each.ID, job_id: each.JobID, status: each.ClientStatus })),
    },
  };
}

/** What is free and what there is, for programs. */
function sizesOf({ node, placed, more }: SeenNode) {
  const listed = more || node.Status !== "ready" ? undefined : given(placed)?.filter(takesRoom);
  const size = (dimension: Dimension) => ({
    free: listed && freeOn(node, listed, dimension),
    total: dimension.ofNode(node),
  });
  return node.NodeResources ? { memory_mb: size(memory), cpu_mhz: size(cpu) } : {};
}

/** Whether it takes work, and why not. */
function verdict({ node, placed }: SeenNode, now: number): string {
  const state = nodeState(node);
  const at = stateSince(node, node);
  const since = at === undefined ? "" : ` for ${age(at, now)}`;
  const why = node.StatusDescription === "" ? "" : ` (${quotedLine(node.StatusDescription)})`;
  const ill = illDrivers(node).map(([name]) => name);
  const reason = drainReason(node);
  const because = reason === "" ? "" : ` (${reason})`;
  switch (state) {
    case "ready":
      return `ready, takes work${ill.length > 0 ? `, but ${all(ill)} ${ill.length === 1 ? "is" : "are"} unhealthy` : ""}`;
    case "draining": {
      const left = (given(placed) ?? []).filter(({ JobType }) => JobType !== "system" && JobType !== "sysbatch");
      const deadline = fromGoTime(node.DrainStrategy?.ForceDeadline);
      const ends = deadline !== undefined && deadline > now ? `, by force in ${span(deadline - now)}` : "";
      const rest = placed && "value" in placed ? `: ${plural(left.length, "allocation")} still to move${ends}` : "";
      return `draining${since}${because}, takes no new work${rest}`;
    }
    case "ineligible": {
      const drained = drainedAt(node);
      return `ineligible, takes no new work${drained === undefined ? "" : `; drained ${ago(drained, now)}${because}`}`;
    }
    default:
      return `${state}${since}${why}, takes no work`;
  }
}

/** What it has, and how much of that is free. */
function resources({ node, placed, more }: SeenNode): string {
  const { Attributes, NodeResources } = node;
  // Of one that is away nothing is known of what it still runs.
  const listed = more || node.Status !== "ready" ? undefined : given(placed)?.filter(takesRoom);
  const size = (dimension: Dimension) => {
    const has = `${grouped(dimension.ofNode(node))} ${dimension.unit} ${dimension.name}`;
    return listed === undefined ? has : `${grouped(freeOn(node, listed, dimension))} of ${has}`;
  };
  const sizes = NodeResources && `${listed ? "Free" : "Has"}: ${size(cpu)}, ${size(memory)}`;
  const disk = NodeResources?.Disk && `disk ${grouped(NodeResources.Disk.DiskMB)} MB`;
  const system = [Attributes?.["kernel.name"], Attributes?.["cpu.arch"]].filter(Boolean).join(" ");
  const version = Attributes?.["nomad.version"];
  const devices = devicesText(node, listed);
  return [sizes, disk, devices, system, version && `Nomad ${version}`].filter(Boolean).join("; ");
}

function drivers(node: Node): string {
  const healthy = Object.entries(node.Drivers ?? {}).flatMap(([name, { Detected, Healthy }]) =>
    Detected && Healthy ? [name] : [],
  );
  const faults = illDrivers(node).map(
    ([name, driver]) => `${name} is unhealthy: ${quotedLine(driver.HealthDescription) || "no reason given"}`,
  );
  return `Drivers: ${[healthy.length > 0 ? `${all(healthy.sort())} healthy` : "none healthy", ...faults].join("; ")}`;
}

function volumes({ HostVolumes }: Node): string {
  const names = Object.entries(HostVolumes ?? {}).map(
    ([name, { ReadOnly }]) => `${name}${ReadOnly ? " (read-only)" : ""}`,
  );
  return names.length > 0 ? `Host volumes: ${some(names.sort(), mostVolumes)}` : "";
}

/** The last ones, oldest first. */
function events({ Events }: Node, now: number): string[] {
  return (Events ?? []).slice(-mostEvents).map(({ Message, Subsystem, Timestamp }) => {
    const at = fromGoTime(Timestamp);
    return `${at === undefined ? "" : `${ago(at, now)}: `}${quotedLine(Message)} (${Subsystem})`;
  });
}

function count({ placed, more }: SeenNode): string {
  const listed = given(placed) ?? [];
  const here = listed.filter(holds).length;
  const lost = listed.length - here;
  const cut = more || listed.length > mostRows ? `, the newest ${Math.min(mostRows, listed.length)} below` : "";
  if (listed.length === 0) return "No allocation runs or starts here";
  const parts = [
    here > 0 && `${more ? "more than " : ""}${plural(here, "allocation")} running or starting here`,
    lost > 0 && `${plural(lost, "allocation")} lost or out of sight with it`,
  ].filter(Boolean);
  return `${parts.join(", ")}${cut}`;
}

function rows(allocations: readonly AllocationStub[], now: number): string {
  const cells = allocations.map((each) => [
    each.JobID,
    shortName(each),
    short(each.ID),
    each.Namespace,
    each.ClientStatus === "lost" && each.NextAllocation ? "lost, replaced" : each.ClientStatus,
    age(fromNanoseconds(each.CreateTime) ?? now, now),
  ]);
  return table(["job", "allocation", "id", "namespace", "state", "since"], cells);
}

function next(node: Node, nomad: NomadClient): string[] {
  const machine = node.Address ? `on ${node.Address}` : "on its machine";
  const [ill] = illDrivers(node);
  switch (nodeState(node)) {
    case "ready":
      return ill ? [`repair ${ill[0]} ${machine}; until then nothing that needs it is placed there`] : [];
    case "draining":
    case "ineligible":
      return [bringBack(nomad, node)];
    default: {
      const suffers = ifOffered("find_problems", "; find_problems says which jobs suffer", "");
      return [`see whether the Nomad client runs ${machine} and reaches the servers, and start it again${suffers}`];
    }
  }
}
