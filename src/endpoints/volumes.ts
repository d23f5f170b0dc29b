import { endpoint } from "./endpoint.ts";
import { may } from "./needs.ts";
import { fields, flag, type Infer, id, list, maybe, number, oneOf, optional, text } from "./schema.ts";

/** A dynamic host volume. `State`: what the servers last heard of it, which stays as it is where its node is down. */
const hostVolume = fields({
  ID: id,
  Name: text,
  Namespace: text,
  NodeID: text,
  /** Empty where its directory was there before and was only registered. */
  PluginID: text,
  HostPath: text,
  State: oneOf("pending", "ready", "unavailable"),
  ModifyIndex: number,
  RequestedCapabilities: maybe(list(fields({ AttachmentMode: text, AccessMode: text }))),
  /** Those that claim it and have not ended. */
  Allocations: optional(maybe(list(fields({ ID: text, JobID: text, Namespace: text, TaskGroup: text })))),
});

/** A row of the list; `Name` is what a job asks for a host volume by, `ID` a CSI volume. */
const volumeStub = fields({
  ID: id,
  Name: text,
  Namespace: text,
  PluginID: text,
  /** Of a host volume. */
  NodeID: optional(text),
  State: optional(oneOf("pending", "ready", "unavailable")),
  /** Bytes; 0 where its plugin does not say. */
  CapacityBytes: optional(number),
  /** Of a CSI volume: whether anything is placed with it, by how many it is claimed, and of its plugin on the nodes. */
  Schedulable: optional(flag),
  CurrentReaders: optional(number),
  CurrentWriters: optional(number),
  NodesHealthy: optional(number),
  NodesExpected: optional(number),
});

/** That a group of a job holds to a volume which it asked for as a sticky one; it outlasts the job's end and the volume. */
const claim = fields({ ID: id, Namespace: text, JobID: text, TaskGroupName: text, VolumeID: text });

export type VolumeStub = Infer<typeof volumeStub>;
export type HostVolume = Infer<typeof hostVolume>;
export type VolumeClaim = Infer<typeof claim>;

const host = {
  reach: "namespace",
  since: "1.10.0",
  secret: { Parameters: "data" },
  shows: "volume status",
} as const;

export const volumes = {
  /** Of one type, `host` or `csi`, which the query names. Static host volumes stand in their node only. */
  list: endpoint({
    method: "GET",
    path: "/v1/volumes",
    reply: list(volumeStub),
    needs: [{ of: "namespace", capabilities: ["csi-list-volume", "host-volume-read"] }],
    reach: "namespaces by rows",
  }),
  claims: endpoint({
    method: "GET",
    path: "/v1/volumes/claims",
    reply: list(claim),
    needs: [may("host-volume-read")],
    reach: "namespaces by rows",
    since: "1.10.0",
  }),
  /** Only of the namespace in the query: one of another is not found. */
  host: endpoint({
    ...host,
    method: "GET",
    path: "/v1/volume/host/:volume_id",
    reply: hostVolume,
    needs: [may("host-volume-read")],
  }),
  /**
   * Has a plugin make a volume on a node, and answers when that is done: `pending` until the client has told the servers.
   * Without a node Nomad takes the first that has none of the name, be it down.
   */
  create: endpoint({
    ...host,
    method: "PUT",
    path: "/v1/volume/host/create",
    reply: fields({ Volume: hostVolume, Warnings: text }),
    needs: [may("host-volume-create")],
  }),
  /** Has the plugin delete what is in it. With `force` the servers forget one whose node cannot be reached. */
  delete: endpoint({
    ...host,
    method: "DELETE",
    path: "/v1/volume/host/:volume_id",
    reply: fields({ Index: number }),
    needs: [may("host-volume-delete")],
  }),
};
