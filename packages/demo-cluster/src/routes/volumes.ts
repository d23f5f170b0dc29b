import { HttpError, notInDemo, serverError } from "../errors.ts";
import { type Call, query, type Reply } from "../http.ts";
import { parseJson } from "../job/decode.ts";
import { meetsConstraint } from "../scheduler/constraints.ts";
import { usesVolume } from "../scheduler/host-volumes.ts";
import { isClientTerminal } from "../state/job-status.ts";
import type { Node } from "../state/node-types.ts";
import type { HostVolume } from "../state/shelf.ts";
import type { Allocation } from "../state/types.ts";
import { allocationStub } from "../state/wire.ts";
import type { World } from "../world.ts";
import { checkUuid, inNamespace, only, page } from "./lists.ts";
import { shelfList } from "./shelf.ts";

/** How long a client takes to tell the servers of a volume that it has made, ms. */
const TOLD_AFTER = 2_000;

/** /v1/volume/host/...: dynamic host volumes of the plugin mkdir, made, read and deleted. CSI is beyond the demo. */
export function volume({ store }: World, call: Call): Promise<Reply> | Reply {
  const [, kind, id = "", more] = call.path.split("/");
  if (kind !== "host" || more !== undefined || id === "register") throw notInDemo(`/v1/${call.path}`);
  if (id === "create") return create({ store }, call);
  only(call, "GET", "DELETE");
  checkUuid("host_volumes", id);
  if (call.method === "DELETE") return remove({ store }, call, id);
  return query(
    store,
    call,
    (change) => change.table === "host_volumes" && change.id === id,
    () => {
      const found = volumeOf(store, call, id);
      if (found === undefined)
        return { index: store.tables.host_volumes, reply: new HttpError(404, "volume not found") };
      const stubs = usersOf(store, found).map((user) => allocationStub(user, { resources: false, taskStates: true }));
      const json = { ...found, ...(stubs.length > 0 && { Allocations: stubs }) };
      return { index: found.ModifyIndex, reply: { json } };
    },
  );
}

/** The volume of that id in the namespace of the call. */
function volumeOf(store: World["store"], call: Call, id: string): HostVolume | undefined {
  const found = store.shelf.host_volumes.get(id);
  return found?.Namespace === call.namespace ? found : undefined;
}

/** What uses it and has not ended. */
function usersOf(store: World["store"], { NodeID, Name }: HostVolume): Allocation[] {
  return [...store.allocs.values()].filter(
    (alloc) => alloc.NodeID === NodeID && !isClientTerminal(alloc) && usesVolume(alloc, Name),
  );
}

/** GET /v1/volumes: the dynamic host volumes, by id; of CSI there are none. */
export function volumes({ store }: World, call: Call): Promise<Reply> | Reply {
  only(call, "GET");
  const type = call.query.get("type") || "csi";
  if (type === "csi") return { ...page(call, NO_CSI), index: 0, meta: true };
  if (type !== "host") throw new HttpError(404, "resource not found");
  const asked = (name: string) => call.query.get(name) ?? "";
  return shelfList(store, call, "host_volumes", {
    among: (volume) =>
      inNamespace(call)(volume) &&
      [volume.Name, volume.ID].some((each) => each.startsWith(asked("prefix"))) &&
      ["", volume.NodePool].includes(asked("node_pool")) &&
      ["", volume.NodeID].includes(asked("node_id")),
    stub: ({ HostPath: _path, RequestedCapabilities: _asked, RequestedCapacityMinBytes: _min, ...rest }) => {
      const { RequestedCapacityMaxBytes: _max, Constraints: _constraints, ...shown } = rest;
      return shown;
    },
  });
}

/** GET /v1/volumes/claims: which group of a job holds to which volume, of the namespaces of the call. */
export function claims({ store }: World, call: Call): Promise<Reply> {
  return shelfList(store, call, "task_volume", { among: inNamespace(call) });
}

const NO_CSI = { items: [], order: () => 0, token: () => "", stub: () => null };

function create({ store }: Pick<World, "store">, call: Call): Reply {
  only(call, "PUT", "POST");
  const { Volume: asked } = parseJson(call.body) as { Volume?: Partial<HostVolume> };
  const invalid = asked && unfit(asked);
  if (!asked?.Name || invalid) throw serverError(`volume validation failed: ${invalid ?? "missing name"}`);
  const { Name } = asked;
  if (asked.ID) return update(store, call, asked.ID, asked);
  const node = nodeFor(store, { ...asked, Name });
  if (node.Status !== "ready") throw serverError("No path to node");
  if (volumeNamed(store, node, Name))
    throw serverError("HostVolume.Create error: volume name already exists on this node");
  const odd = Object.keys(asked.Parameters ?? {}).find((each) => !["mode", "uid", "gid"].includes(each));
  if (odd !== undefined) {
    const why = `unknown mkdir parameter: ${JSON.stringify(odd)}`;
    throw serverError(`HostVolume.Create error: invalid value for ${JSON.stringify(odd)}: ${why}`);
  }
  const usual = [{ AttachmentMode: "file-system", AccessMode: "single-node-writer" }];
  const at = store.stamp();
  const made: HostVolume = {
    ...{ ID: store.chance.uuid(), Name, Namespace: asked.Namespace || call.namespace },
    ...{ PluginID: asked.PluginID || "default", NodePool: node.NodePool, NodeID: node.ID, HostPath: "" },
    RequestedCapacityMinBytes: asked.RequestedCapacityMinBytes ?? 0,
    RequestedCapacityMaxBytes: asked.RequestedCapacityMaxBytes ?? 0,
    ...(asked.Constraints && { Constraints: asked.Constraints }),
    ...(asked.Parameters && { Parameters: asked.Parameters }),
    ...{ CapacityBytes: 0, State: "pending" },
    RequestedCapabilities: asked.RequestedCapabilities ?? usual,
    ...{ CreateIndex: 0, CreateTime: at, ModifyIndex: 0, ModifyTime: at },
  };
  made.HostPath = `/opt/nomad/data/host_volumes/${made.ID}`;
  const index = store.write((put) => put.shelve("host_volumes", made.ID, made));
  store.clock.after(TOLD_AFTER, () => told(store, made.ID));
  return { json: { Volume: made, Warnings: "", Index: index }, index };
}

/** A create that names a volume: what it may have is another, and its client is asked anew. */
function update(store: World["store"], call: Call, id: string, asked: Partial<HostVolume>): Reply {
  const found = volumeOf(store, call, id);
  if (found === undefined) throw serverError(`cannot update volume ${JSON.stringify(id)}: volume does not exist`);
  const { RequestedCapacityMinBytes = 0, RequestedCapacityMaxBytes = 0 } = asked;
  const RequestedCapabilities = asked.RequestedCapabilities ?? found.RequestedCapabilities;
  const changed = { RequestedCapacityMinBytes, RequestedCapacityMaxBytes, RequestedCapabilities };
  const now: HostVolume = { ...found, ...changed, State: "pending", ModifyTime: store.stamp() };
  const index = store.write((put) => put.shelve("host_volumes", id, now));
  store.clock.after(TOLD_AFTER, () => told(store, id));
  return { json: { Volume: now, Warnings: "", Index: index }, index };
}

/** Why Nomad does not take a volume, where it does not. */
function unfit({ RequestedCapacityMinBytes: min = 0, RequestedCapacityMaxBytes: max = 0 }: Partial<HostVolume>) {
  return max < min ? `capacity_max (${max}) must be larger than capacity_min (${min})` : undefined;
}

/** The node that gets the volume: of all, whether they are ready or not, the first that has none of its name. */
function nodeFor(store: World["store"], asked: Partial<HostVolume> & Pick<HostVolume, "Name">): Node {
  const fail = (why: string) => serverError(`could not place volume ${JSON.stringify(asked.Name)}: ${why}`);
  const invalid = (why: string) =>
    serverError(`validating volume ${JSON.stringify(asked.Name)} against state failed: ${why}`);
  const plugin = `plugins.host_volume.${asked.PluginID || "default"}.version`;
  const feasible = (node: Node) =>
    node.Attributes[plugin] !== undefined && (asked.Constraints ?? []).every((each) => meetsConstraint(each, node));
  if (asked.NodeID) {
    const node = store.nodes.get(asked.NodeID);
    if (node === undefined) throw invalid(`node ${JSON.stringify(asked.NodeID)} does not exist`);
    if (!feasible(node)) throw fail(`node ${asked.NodeID} is not feasible for volume`);
    return node;
  }
  if (asked.NodePool && !store.shelf.node_pools.has(asked.NodePool))
    throw invalid(`node pool ${JSON.stringify(asked.NodePool)} does not exist`);
  const among = [...store.nodes.values()].filter(({ NodePool }) => [NodePool, ""].includes(asked.NodePool ?? ""));
  const free = among.filter((node) => !volumeNamed(store, node, asked.Name));
  const node = free.find(feasible);
  if (node !== undefined) return node;
  const counts = `${among.length - free.length} nodes had existing volume, 0 nodes filtered by node pool governance`;
  throw fail(`no node meets constraints: ${counts}, ${free.length} nodes were infeasible`);
}

function volumeNamed(store: World["store"], node: Node, name: string): boolean {
  return [...store.shelf.host_volumes.values()].some(({ NodeID, Name }) => NodeID === node.ID && Name === name);
}

/** The client tells of a volume, which takes the place of one of that name in the client's configuration. */
function told(store: World["store"], id: string): void {
  const made = store.shelf.host_volumes.get(id);
  const node = made && store.nodes.get(made.NodeID);
  if (made === undefined || node?.Status !== "ready") return;
  store.write((put) => {
    put.shelve("host_volumes", id, { ...made, State: "ready" });
    const own = { Name: made.Name, Path: made.HostPath, ReadOnly: false, ID: id };
    put.node({ ...node, HostVolumes: { ...node.HostVolumes, [made.Name]: own } });
  });
}

function remove({ store }: Pick<World, "store">, call: Call, id: string): Reply {
  const found = volumeOf(store, call, id);
  if (found === undefined) throw serverError(`no such volume: ${id}`);
  const users = usersOf(store, found).map((alloc) => alloc.ID);
  if (users.length > 0) throw serverError(`volume ${id} in use by allocations: [${users.join(" ")}]`);
  const node = store.nodes.get(found.NodeID);
  if (node?.Status !== "ready" && call.query.get("force") !== "true")
    throw serverError("volume cannot be removed from unknown node without force=true");
  const index = store.write((put) => {
    put.unshelve("host_volumes", id);
    const { [found.Name]: here, ...others } = node?.HostVolumes ?? {};
    if (node?.Status === "ready" && here?.ID === id) put.node({ ...node, HostVolumes: others });
  });
  return { json: { Index: index }, index };
}
