import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { type NodeStub, nodes } from "../../endpoints/nodes.ts";
import { type VolumeStub, volumes } from "../../endpoints/volumes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { all, plural, short } from "../../text/words.ts";
import { exactNode } from "../nodes/find.ts";
import { statusText } from "../nodes/words.ts";
import { unchanged } from "../shared/exact-id.ts";
import { showStep, toolOrCommand } from "../shared/next-step.ts";
import { oneNamespace } from "./find.ts";

/** A dynamic host volume that is to be made. */
export interface AskedVolume {
  readonly name: string;
  readonly node?: string | undefined;
  readonly node_pool?: string | undefined;
  readonly plugin: string;
  /** MiB. */
  readonly capacity_min?: number | undefined;
  readonly capacity_max?: number | undefined;
  readonly access_mode: string;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/** Where it is to be made, or that it is there already. */
export type PlannedVolume = { readonly node: NodeStub } | { readonly there: VolumeStub; readonly node: NodeStub };

/** Nodes that are looked at for one to make a volume on: 1.3 KB each. */
const mostNodes = 50;

/**
 * Chooses the node: the one that was named, else the first that takes work, has the plugin, and has no volume of the name.
 * Nomad's own choice would be any, one that is down, too (placeHostVolume in nomad/host_volume_endpoint.go). Two or three
 * requests.
 *
 * @throws Refusal where there is no such node, or where the name is taken on it.
 */
export async function planVolume(nomad: NomadClient, asked: AskedVolume): Promise<PlannedVolume> {
  oneNamespace(nomad);
  const { capacity_min: min, capacity_max: max } = asked;
  if (min !== undefined && max !== undefined && max < min) {
    throw new Refusal(`capacity_max (${max}) is less than capacity_min (${min}). ${unchanged}`);
  }
  return asked.node === undefined ? { node: await anyNode(nomad, asked) } : await namedNode(nomad, asked, asked.node);
}

/** The attribute of a node that tells of a plugin for dynamic host volumes. */
const pluginAttribute = (plugin: string) => `plugins.host_volume.${plugin}.version`;

async function namedNode(
  nomad: NomadClient,
  { name, node_pool: pool, plugin }: AskedVolume,
  given: string,
): Promise<PlannedVolume> {
  const node = await exactNode(nomad, given);
  if (pool !== undefined && node.NodePool !== pool) {
    throw new Refusal(`${node.Name} is in pool ${node.NodePool ?? "default"}, not in ${pool}. ${unchanged}`);
  }
  if (node.Status !== "ready") {
    throw new Refusal(
      `${node.Name} is ${statusText(node)}: a volume is made by its client. ${unchanged}\nNext: ${showStep(nomad, "node", node.Name)}`,
    );
  }
  const here = node.HostVolumes?.[name];
  // The client would tell of the one that is made instead.
  if (here !== undefined && !here.ID) {
    throw new Refusal(
      `${node.Name} has a host volume ${name} in the configuration of its client. What is made would take its place: jobs would get an empty directory. ${unchanged}`,
    );
  }
  const { items } = await nomad.list(volumes.list, {
    ...{ type: "host", node_id: node.ID, filter: `Name == ${literal(name)}`, per_page: 1 },
  });
  const [there] = items;
  if (there !== undefined) return { there, node };
  if (here !== undefined) {
    throw new Refusal(
      `${node.Name} has a volume ${name} that is not of namespace ${nomad.namespace}, and a node has one of a name. ${unchanged}`,
    );
  }
  const { Attributes } = await nomad.get(nodes.get, { node_id: node.ID });
  if (Attributes?.[pluginAttribute(plugin)] === undefined) {
    const known = Object.keys(Attributes ?? {}).flatMap(
      (each) => /^plugins\.host_volume\.(.+)\.version$/.exec(each)?.[1] ?? [],
    );
    const has =
      known.length > 0
        ? `it has ${all(known)}`
        : "it has none, as all before Nomad 1.10: only its configuration makes volumes";
    throw new Refusal(`${node.Name} has no plugin ${plugin} for dynamic host volumes: ${has}. ${unchanged}`);
  }
  return { node };
}

async function anyNode(nomad: NomadClient, { name, node_pool: pool, plugin }: AskedVolume): Promise<NodeStub> {
  const conditions = [
    `Status == "ready" and SchedulingEligibility == "eligible" and ${literal(pluginAttribute(plugin))} in Attributes`,
    ...(pool === undefined ? [] : [`NodePool == ${literal(pool)}`]),
  ];
  const { items } = await nomad.list(nodes.list, { filter: conditions.join(" and "), per_page: mostNodes });
  const free = items.find(({ HostVolumes }) => HostVolumes?.[name] === undefined);
  if (free !== undefined) return free;
  const where = pool === undefined ? "" : ` of pool ${pool}`;
  const list = toolOrCommand(nomad.in(nomad.home), ["list_nodes", {}], ["node status"]);
  throw new Refusal(
    items.length === 0
      ? `No node${where} takes work and has the plugin ${plugin} for dynamic host volumes. ${unchanged}\nNext: ${list}`
      : `${plural(items.length, "node")}${where} ${items.length === 1 ? "takes" : "take"} work, and each has a volume ${name} already: a node has one of a name. ${unchanged}`,
  );
}

/** A volume with where it is: "data (76463295, on client-1)". */
export const placed = ({ Name, ID }: Pick<VolumeStub, "Name" | "ID">, node: string) =>
  `${Name} (${short(ID)}, on ${node})`;
