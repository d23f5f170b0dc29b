import { HttpError, notInDemo, serverError } from "../errors.ts";
import type { Call, Reply } from "../http.ts";
import { parseJson } from "../job/decode.ts";
import { meetsConstraint } from "../scheduler/constraints.ts";
import { usesVolume } from "../scheduler/host-volumes.ts";
import { isClientTerminal } from "../state/job-status.ts";
import type { HostVolume } from "../state/shelf.ts";
import type { Allocation } from "../state/types.ts";
import { allocationStub } from "../state/wire.ts";
import type { World } from "../world.ts";
import { checkUuid, inNamespace, only, page, uuidPrefix } from "./lists.ts";
import { shelfList } from "./shelf.ts";

/** /v1/volume/host/...: dynamic host volumes of the plugin mkdir, made and read. CSI is beyond the demo. */
export function volume({ store }: World, call: Call): Reply {
  const [, kind, id = "", more] = call.path.split("/");
  if (kind !== "host" || more !== undefined || id === "register") throw notInDemo(`/v1/${call.path}`);
  if (id === "create") return create({ store }, call);
  only(call, "GET", "DELETE");
  checkUuid("host_volumes", id);
  const found = store.shelf.host_volumes.get(id);
  if (found === undefined || found.Namespace !== call.namespace)
    throw call.method === "DELETE" ? serverError(`no such volume: ${id}`) : new HttpError(404, "volume not found");
  const users = [...store.allocs.values()].filter(
    (alloc) => alloc.NodeID === found.NodeID && !isClientTerminal(alloc) && usesVolume(alloc, found.Name),
  );
  if (call.method === "DELETE") return remove({ store }, found, users);
  const Allocations = users.map((alloc) => allocationStub(alloc, { resources: false, taskStates: true }));
  return { json: { ...found, ...(users.length > 0 && { Allocations }) }, index: found.ModifyIndex, meta: true };
}

/** GET /v1/volumes: the dynamic host volumes, by id; of CSI there are none. */
export function volumes({ store }: World, call: Call): Promise<Reply> | Reply {
  only(call, "GET");
  const type = call.query.get("type") || "csi";
  if (type === "csi") return { ...page(call, NO_CSI), index: 0, meta: true };
  if (type !== "host") throw new HttpError(404, "resource not found");
  const asked = (name: string) => call.query.get(name) ?? "";
  const prefix = uuidPrefix("host_volumes", call);
  return shelfList(store, call, "host_volumes", {
    among: (volume) =>
      inNamespace(call)(volume) &&
      prefix(volume.ID) &&
      ["", volume.NodePool].includes(asked("node_pool")) &&
      ["", volume.NodeID].includes(asked("node_id")),
    stub: ({ HostPath: _path, RequestedCapabilities: _asked, RequestedCapacityMinBytes: _min, ...rest }) => {
      const { RequestedCapacityMaxBytes: _max, Constraints: _constraints, ...shown } = rest;
      return shown;
    },
  });
}

const NO_CSI = { items: [], order: () => 0, token: () => "", stub: () => null };

function create({ store }: Pick<World, "store">, call: Call): Reply {
  only(call, "PUT", "POST");
  const { Volume: asked } = parseJson(call.body) as { Volume?: Partial<HostVolume> };
  if (!asked?.Name) throw serverError("volume validation failed: missing name");
  const { Name } = asked;
  const pool = asked.NodePool || "default";
  if (!store.shelf.node_pools.has(pool)) {
    const why = `node pool ${JSON.stringify(pool)} does not exist`;
    throw serverError(`validating volume ${JSON.stringify(Name)} against state failed: ${why}`);
  }
  const ready = [...store.nodes.values()].filter(({ Status, NodePool }) => Status === "ready" && NodePool === pool);
  const chosen = ready.filter(({ ID }) => (asked.NodeID || ID) === ID);
  const free = chosen.filter(
    (one) =>
      one.HostVolumes[Name] === undefined && (asked.Constraints ?? []).every((each) => meetsConstraint(each, one)),
  );
  const [node] = asked.PluginID === undefined || asked.PluginID === "mkdir" ? free : [];
  if (node === undefined && asked.NodeID && chosen[0]?.HostVolumes[Name])
    throw serverError("HostVolume.Create error: volume name already exists on this node");
  if (node === undefined) {
    const had = chosen.filter((one) => one.HostVolumes[Name] !== undefined).length;
    const counts = `${had} nodes had existing volume, 0 nodes filtered by node pool governance`;
    const why = `no node meets constraints: ${counts}, ${chosen.length - had} nodes were infeasible`;
    throw serverError(`could not place volume ${JSON.stringify(Name)}: ${why}`);
  }
  const usual = [{ AttachmentMode: "file-system", AccessMode: "single-node-writer" }];
  const at = store.stamp();
  const made: HostVolume = {
    ...{ ID: store.chance.uuid(), Name: asked.Name, Namespace: asked.Namespace || call.namespace },
    ...{ PluginID: asked.PluginID || "mkdir", NodePool: node.NodePool, NodeID: node.ID, HostPath: "" },
    RequestedCapacityMinBytes: asked.RequestedCapacityMinBytes ?? 0,
    RequestedCapacityMaxBytes: asked.RequestedCapacityMaxBytes ?? 0,
    ...(asked.Constraints && { Constraints: asked.Constraints }),
    ...{ CapacityBytes: 0, State: "ready" },
    RequestedCapabilities: asked.RequestedCapabilities ?? usual,
    ...{ CreateIndex: 0, CreateTime: at, ModifyIndex: 0, ModifyTime: at },
  };
  made.HostPath = `/opt/nomad/data/host_volumes/${made.ID}`;
  const index = store.write((put) => {
    put.shelve("host_volumes", made.ID, made);
    const here = { Name: made.Name, Path: made.HostPath, ReadOnly: false, ID: made.ID };
    put.node({ ...node, HostVolumes: { ...node.HostVolumes, [made.Name]: here } });
  });
  return { json: { Volume: { ...made, State: "pending" }, Warnings: "", Index: index }, index };
}

function remove(
  { store }: Pick<World, "store">,
  { ID, Name, NodeID }: HostVolume,
  users: readonly Allocation[],
): Reply {
  if (users.length > 0)
    throw serverError(`volume ${ID} in use by allocations: [${users.map((alloc) => alloc.ID).join(" ")}]`);
  const node = store.nodes.get(NodeID);
  const index = store.write((put) => {
    put.unshelve("host_volumes", ID);
    const { [Name]: _, ...others } = node?.HostVolumes ?? {};
    if (node) put.node({ ...node, HostVolumes: others });
  });
  return { json: { Index: index }, index };
}
