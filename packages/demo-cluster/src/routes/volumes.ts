import { HttpError, notInDemo } from "../errors.ts";
import type { Call, Reply } from "../http.ts";
import { usesVolume } from "../scheduler/host-volumes.ts";
import { isClientTerminal } from "../state/job-status.ts";
import type { HostVolume } from "../state/types.ts";
import { allocationStub } from "../state/wire.ts";
import type { World } from "../world.ts";
import { checkUuid, inNamespace, only, page } from "./lists.ts";

/** /v1/volume/host/...: dynamic host volumes of the plugin mkdir, made and read. CSI is beyond the demo. */
export function volume({ store }: World, call: Call): Reply {
  const [, kind, id = "", more] = call.path.split("/");
  if (kind !== "host" || more !== undefined || id === "register") throw notInDemo(`/v1/${call.path}`);
  if (id === "create") return create({ store }, call);
  only(call, "GET", "DELETE");
  checkUuid("host_volumes", id);
  const found = store.hostVolumes.get(id);
  if (found === undefined || found.Namespace !== call.namespace) throw new HttpError(404, "volume not found");
  const users = [...store.allocs.values()].filter(
    (alloc) => alloc.NodeID === found.NodeID && !isClientTerminal(alloc) && usesVolume(alloc, found.Name),
  );
  if (call.method === "DELETE") return remove({ store }, found, users.length);
  const Allocations = users.map((alloc) => allocationStub(alloc, { resources: false, taskStates: true }));
  return { json: { ...found, ...(users.length > 0 && { Allocations }) }, index: found.ModifyIndex, meta: true };
}

/** GET /v1/volumes: the dynamic host volumes, by id; of CSI there are none. */
export function volumes({ store }: World, call: Call): Reply {
  only(call, "GET");
  const type = call.query.get("type");
  if (type !== "host" && type !== "csi") throw notInDemo(`volumes of type ${type}`);
  const items = type === "csi" ? [] : [...store.hostVolumes.values()].filter(inNamespace(call));
  return page(call, {
    items,
    order: (a, b) => (volumeKey(a) < volumeKey(b) ? -1 : 1),
    token: volumeKey,
    stub: ({ HostPath: _path, RequestedCapabilities: _asked, RequestedCapacityMinBytes: _min, ...rest }) => {
      const { RequestedCapacityMaxBytes: _max, ...shown } = rest;
      return shown;
    },
  });
}

const volumeKey = ({ Namespace, ID }: HostVolume) => `${Namespace}.${ID}`;

function create({ store }: Pick<World, "store">, call: Call): Reply {
  only(call, "PUT", "POST");
  const { Volume: asked } = JSON.parse(call.body) as { Volume?: Partial<HostVolume> };
  const node = [...store.nodes.values()].find(({ ID, Status }) => Status === "ready" && (asked?.NodeID ?? ID) === ID);
  if (!asked?.Name) throw new HttpError(500, "missing name");
  if (node === undefined) throw new HttpError(500, "no node meets constraints");
  const usual = [{ AttachmentMode: "file-system", AccessMode: "single-node-writer" }];
  const at = store.stamp();
  const made: HostVolume = {
    ...{ ID: store.chance.uuid(), Name: asked.Name, Namespace: asked.Namespace || call.namespace },
    ...{ PluginID: asked.PluginID || "mkdir", NodePool: node.NodePool, NodeID: node.ID, HostPath: "" },
    ...{ RequestedCapacityMinBytes: 0, RequestedCapacityMaxBytes: 0, CapacityBytes: 0, State: "ready" },
    RequestedCapabilities: asked.RequestedCapabilities ?? usual,
    ...{ CreateIndex: 0, CreateTime: at, ModifyIndex: 0, ModifyTime: at },
  };
  made.HostPath = `/opt/nomad/data/host_volumes/${made.ID}`;
  const index = store.write((put, index) => {
    store.hostVolumes.set(made.ID, { ...made, CreateIndex: index, ModifyIndex: index });
    const here = { Name: made.Name, Path: made.HostPath, ReadOnly: false, ID: made.ID };
    put.node({ ...node, HostVolumes: { ...node.HostVolumes, [made.Name]: here } });
  });
  return { json: { Volume: { ...made, State: "pending" }, Warnings: "", Index: index }, index };
}

function remove({ store }: Pick<World, "store">, { ID, Name, NodeID }: HostVolume, users: number): Reply {
  if (users > 0) throw new HttpError(500, `could not delete volume ${ID} in use`);
  const node = store.nodes.get(NodeID);
  const index = store.write((put) => {
    store.hostVolumes.delete(ID);
    const { [Name]: _, ...others } = node?.HostVolumes ?? {};
    if (node) put.node({ ...node, HostVolumes: others });
  });
  return { json: { Index: index }, index };
}
