import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { type NodeStub, nodes } from "../../endpoints/nodes.ts";
import { type HostVolume, type VolumeClaim, type VolumeStub, volumes } from "../../endpoints/volumes.ts";
import type { NomadClient, Page } from "../../nomad-client.ts";
import { orMissing } from "../jobs/find.ts";
import { findNode } from "../nodes/find.ts";
import { given, ifGiven, type Part, part, requireSome } from "../shared/parts.ts";
import { readClaims } from "./claims.ts";
import { staticVolumes } from "./words.ts";

/** Volumes of three sorts: a page of each of the two that Nomad lists, and those of the clients' configurations. */
export interface ListedVolumes {
  readonly nomad: NomadClient;
  /** What narrowed the list; undefined where nothing did. */
  readonly prefix: string | undefined;
  readonly on: NodeStub | undefined;
  /** Undefined where this page is of the other sort. */
  readonly host: Part<Page<VolumeStub>> | undefined;
  readonly csi: Part<Page<VolumeStub>> | undefined;
  /** Each dynamic host volume with what uses it, by its id; undefined where that could not be read. */
  readonly users: ReadonlyMap<string, HostVolume | undefined>;
  /** Undefined where they could not be read. */
  readonly claims: readonly VolumeClaim[] | undefined;
  /** The nodes of the dynamic ones, by their ids; undefined where nodes could not be read. */
  readonly nodes: ReadonlyMap<string, NodeStub> | undefined;
  readonly static: readonly StaticVolume[];
  /** True where more nodes have host volumes than were read. */
  readonly moreNodes: boolean;
}

/** A static host volume: of one name, on all nodes whose client has it in its configuration. */
export interface StaticVolume {
  readonly name: string;
  readonly readOnly: boolean;
  readonly nodes: readonly NodeStub[];
}

/** What is asked for. */
interface Asked {
  readonly prefix?: string | undefined;
  readonly node?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Nodes with host volumes that are read for the static ones: 1.3 KB each. */
const mostNodes = 50;

/**
 * Lists volumes: at most six requests and one for each dynamic host volume of the page, whatever the size of the cluster.
 *
 * @throws Refusal for a cursor that is none; NomadError where neither sort of volume can be read.
 */
export async function listVolumes(nomad: NomadClient, asked: Asked, signal: AbortSignal): Promise<ListedVolumes> {
  const { prefix, limit } = asked;
  const at = cursorOf(asked.cursor);
  const on = asked.node === undefined ? undefined : await findNode(nomad, asked.node);
  const page = (type: "host" | "csi") => {
    if (at !== undefined && at.type !== type) return undefined;
    const query = { type, prefix, node_id: on?.ID, per_page: limit, next_token: at?.token };
    return part(signal, nomad.list(volumes.list, query));
  };
  const [host, csi, having] = await Promise.all([page("host"), page("csi"), readHaving(nomad, on)]);
  requireSome([host, csi].filter((each) => each !== undefined));
  const rows = (host && given(host)?.items) ?? [];
  const [known, claims, users] = await Promise.all([
    readNodes(nomad, rows, having?.items),
    readClaims(nomad, rows),
    Promise.all(rows.map(async (row) => [row.ID, await readUsers(nomad, row)] as const)),
  ]);
  return {
    ...{ nomad, prefix, on, host, csi, users: new Map(users), claims, nodes: known },
    static: at === undefined ? staticOf(having?.items ?? [], prefix ?? "") : [],
    moreNodes: having?.next !== undefined,
  };
}

/** Where a page of one sort goes on. */
export const cursorText = (type: "host" | "csi", token: string) => `${type}:${token}`;

function cursorOf(cursor: string | undefined): { readonly type: string; readonly token: string } | undefined {
  if (cursor === undefined) return undefined;
  const [, type, token] = /^(host|csi):(.+)$/.exec(cursor) ?? [];
  if (type === undefined || token === undefined) throw new Refusal("That is no cursor of list_volumes.");
  return { type, token };
}

async function readHaving(nomad: NomadClient, on: NodeStub | undefined): Promise<Page<NodeStub> | undefined> {
  const filter = `HostVolumes is not empty${on === undefined ? "" : ` and ID == ${literal(on.ID)}`}`;
  return await ifGiven(nomad.list(nodes.list, { filter, per_page: mostNodes }));
}

/** The nodes of the volumes: those that were read already, and the others. */
async function readNodes(
  nomad: NomadClient,
  rows: readonly VolumeStub[],
  had: readonly NodeStub[] | undefined,
): Promise<ReadonlyMap<string, NodeStub> | undefined> {
  const known = new Map(had?.map((node) => [node.ID, node] as const));
  const ids = [...new Set(rows.flatMap(({ NodeID }) => (NodeID && !known.has(NodeID) ? [NodeID] : [])))];
  if (ids.length === 0) return had && known;
  const filter = ids.map((id) => `ID == ${literal(id)}`).join(" or ");
  const page = await ifGiven(nomad.list(nodes.list, { filter, per_page: ids.length }));
  return page && new Map([...known, ...page.items.map((node) => [node.ID, node] as const)]);
}

async function readUsers(nomad: NomadClient, { ID, Namespace }: VolumeStub): Promise<HostVolume | undefined> {
  return await ifGiven(orMissing(nomad.in(Namespace).get(volumes.host, { volume_id: ID })));
}

function staticOf(having: readonly NodeStub[], prefix: string): StaticVolume[] {
  const found = new Map<string, StaticVolume>();
  for (const node of having.toSorted((one, other) => (one.Name < other.Name ? -1 : 1))) {
    for (const { name, readOnly } of staticVolumes(node)) {
      if (!name.startsWith(prefix)) continue;
      const key = `${name}\n${readOnly}`;
      found.set(key, { name, readOnly, nodes: [...(found.get(key)?.nodes ?? []), node] });
    }
  }
  return [...found.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
