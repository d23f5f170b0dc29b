import { endpoint } from "./endpoint.ts";
import { may } from "./needs.ts";
import { fields, type Infer, id, list, maybe, optional, text } from "./schema.ts";

/** A dynamic host volume. */
const hostVolume = fields({
  ID: id,
  Name: text,
  Namespace: text,
  NodeID: text,
  State: text,
  RequestedCapabilities: maybe(list(fields({ AttachmentMode: text, AccessMode: text }))),
  /** Those that claim it and have not ended. */
  Allocations: optional(maybe(list(fields({ ID: text, JobID: text, Namespace: text, TaskGroup: text })))),
});

/** A row of the list; `Name` is what a job asks for a host volume by, `ID` a CSI volume. */
const volumeStub = fields({ ID: id, Name: text, Namespace: text });

export type VolumeStub = Infer<typeof volumeStub>;
export type HostVolume = Infer<typeof hostVolume>;

export const volumes = {
  /** Of one type, `host` or `csi`, which the query names. Static host volumes stand in their node only. */
  list: endpoint({
    method: "GET",
    path: "/v1/volumes",
    reply: list(volumeStub),
    needs: [{ of: "namespace", capabilities: ["csi-list-volume", "host-volume-read"] }],
    reach: "namespaces by rows",
  }),
  /** Only of the namespace in the query: one of another is not found. */
  host: endpoint({
    method: "GET",
    path: "/v1/volume/host/:volume_id",
    reply: hostVolume,
    needs: [may("host-volume-read")],
    reach: "namespace",
    since: "1.10.0",
  }),
};
