import type { Chance } from "../ids.ts";
import type { Network, Port, TaskGroup } from "../state/job-types.ts";
import type { Node } from "../state/node-types.ts";
import type { Allocation } from "../state/types.ts";

/** Ports for the group on a node, or why there are none. */
export function assignPorts(group: TaskGroup, node: Node, others: readonly Allocation[], random: Chance) {
  const network = group.Networks?.[0];
  if (!network) return { networks: null, ports: null };
  const ip = String(node.Attributes["unique.network.ip-address"] ?? "");
  const used = new Set(
    others.flatMap((alloc) => (alloc.AllocatedResources.Shared.Ports ?? []).map((port) => port.Value)),
  );
  const ports: Port[] = [];
  for (const port of network.ReservedPorts ?? []) {
    if (used.has(port.Value) && !port.IgnoreCollision)
      return { error: `network: reserved port collision ${port.Label}=${port.Value}` };
    used.add(port.Value);
    ports.push({ ...port });
  }
  for (const port of network.DynamicPorts ?? []) {
    const { MinDynamicPort: low, MaxDynamicPort: high } = node.NodeResources;
    let value = random.between(low, high);
    while (used.has(value)) value = value === high ? low : value + 1;
    used.add(value);
    ports.push({ ...port, Value: value, ...(port.To === -1 ? { To: value } : {}) });
  }
  const offered: Network = { ...network, Mode: network.Mode || "host", IP: ip };
  const byLabel = new Map(ports.map((port) => [port.Label, port]));
  for (const kind of ["DynamicPorts", "ReservedPorts"] as const)
    if (network[kind]) offered[kind] = network[kind].map((port) => byLabel.get(port.Label) ?? port);
  const shown = ports.map(({ HostNetwork: _, ...port }) => ({ ...port, HostIP: ip }));
  return { networks: [offered], ports: shown.length > 0 ? shown : null };
}
