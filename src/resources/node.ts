import { literal } from "../api/request/path.ts";
import { type AllocationStub, allocations } from "../endpoints/allocations.ts";
import { type Node, nodes } from "../endpoints/nodes.ts";
import { parameters } from "../mcp/parameters.ts";
import { shortName } from "../nomad/allocations/words.ts";
import { fullId } from "../nomad/shared/find-id.ts";
import type { NomadClient } from "../nomad-client.ts";
import { table } from "../text/table.ts";
import { age, ago, fromGoTime, fromNanoseconds } from "../text/time.ts";
import { quotedLine } from "../text/untrusted.ts";
import { all, grouped, lines, plural, short } from "../text/words.ts";
import { defineTool } from "../tools/context.ts";

const mostAllocations = 20;
const mostEvents = 3;

/** One node: whether it takes work, what it has, what last happened to it, and what runs there. */
export const readNode = defineTool({
  name: "read_node",
  title: "Node",
  description: "One node: state, resources, drivers, last events, allocations.",
  risk: "read",
  input: { node_id: parameters.job_id },
  async run({ node_id }, { nomad }) {
    const id = await fullId(nomad, nodes, node_id);
    const [node, placed] = await Promise.all([
      nomad.get(nodes.get, { node_id: id }),
      nomad.list(allocations.list, {
        namespace: "*",
        filter: `NodeID == ${literal(id)} and (ClientStatus == "running" or ClientStatus == "pending")`,
        reverse: true,
        per_page: mostAllocations,
        task_states: false,
      }),
    ]);
    const count = plural(placed.items.length, "allocation");
    return lines(
      `${node.Name} (node ${short(node.ID)}, datacenter ${node.Datacenter}, pool ${node.NodePool ?? "default"}): ${state(node)}`,
      resources(node),
      drivers(node),
      ...events(node, nomad.now()),
      `${count} running or starting here${placed.next === undefined ? "" : ", the newest of more"}`,
      placed.items.length > 0 && `\n${rows(placed.items, nomad)}`,
    );
  },
});

function state({ Status, StatusDescription, SchedulingEligibility, Drain }: Node): string {
  const takes = Drain ? "draining" : SchedulingEligibility === "eligible" ? "takes work" : "ineligible: takes no work";
  const why = StatusDescription === "" ? "" : ` (${quotedLine(StatusDescription)})`;
  return Status === "ready" ? `ready, ${takes}` : `${Status}${why}, ${takes}`;
}

function resources({ Attributes, NodeResources }: Node): string {
  const sizes = NodeResources && [
    `${grouped(NodeResources.Cpu.CpuShares)} MHz`,
    `${grouped(NodeResources.Memory.MemoryMB)} MB of memory`,
    ...(NodeResources.Disk ? [`${grouped(NodeResources.Disk.DiskMB)} MB of disk`] : []),
  ];
  const version = Attributes?.["nomad.version"];
  const system = [Attributes?.["kernel.name"], Attributes?.["cpu.arch"]].filter(Boolean).join(" ");
  return [sizes && all(sizes), system, version && `Nomad ${version}`].filter(Boolean).join("; ");
}

/** What is not detected is not installed: every node lacks some. */
function drivers({ Drivers }: Node): string {
  const detected = Object.entries(Drivers ?? {}).filter(([, { Detected }]) => Detected);
  const healthy = detected.filter(([, { Healthy }]) => Healthy).map(([name]) => name);
  const others = detected.filter(([, { Healthy }]) => !Healthy);
  const faults = others.map(([name, driver]) => `${name} is unhealthy: ${quotedLine(driver.HealthDescription)}`);
  return `Drivers: ${[healthy.length > 0 ? `${all(healthy.sort())} healthy` : "none healthy", ...faults].join("; ")}`;
}

function events({ Events }: Node, now: number): string[] {
  return (Events ?? []).slice(-mostEvents).map(({ Message, Subsystem, Timestamp }) => {
    const at = fromGoTime(Timestamp);
    return `${at === undefined ? "" : `${ago(at, now)}: `}${quotedLine(Message)} (${Subsystem})`;
  });
}

function rows(allocations: readonly AllocationStub[], nomad: NomadClient): string {
  const now = nomad.now();
  const cells = allocations.map((each) => [
    each.JobID,
    shortName(each),
    short(each.ID),
    each.Namespace,
    each.ClientStatus,
    age(fromNanoseconds(each.CreateTime) ?? now, now),
  ]);
  return table(["job", "allocation", "id", "namespace", "state", "since"], cells);
}
