import { endpoint } from "./endpoint.ts";
import { nodeRead, policy } from "./needs.ts";
import { fields, flag, type Infer, id, list, map, maybe, number, oneOf, optional, text } from "./schema.ts";

const cpu = fields({ CpuShares: number });
const memory = fields({ MemoryMB: number });

const devices = optional(
  maybe(
    list(fields({ Vendor: text, Type: text, Name: text, Instances: maybe(list(fields({ ID: text, Healthy: flag }))) })),
  ),
);

const nodeStub = fields({
  ID: id,
  Name: text,
  Address: text,
  Datacenter: text,
  NodePool: optional(text),
  NodeClass: text,
  Status: oneOf("initializing", "ready", "down", "disconnected"),
  SchedulingEligibility: oneOf("eligible", "ineligible"),
  Drain: flag,
  LastDrain: optional(
    maybe(
      fields({
        Status: oneOf("draining", "complete", "canceled"),
        StartedAt: text,
        UpdatedAt: text,
        /** What whoever drained it said of it: `message`. */
        Meta: optional(maybe(map(text))),
      }),
    ),
  ),
  Drivers: maybe(map(fields({ Detected: flag, Healthy: flag, HealthDescription: text }))),
  /** By name. Those of the client's configuration have no id, dynamic ones have that of their volume. */
  HostVolumes: optional(maybe(map(fields({ ID: optional(text), ReadOnly: flag })))),
  ModifyIndex: optional(number),
  /** In the list only with `resources=true`; and what the client keeps of them for itself. */
  NodeResources: optional(maybe(fields({ Cpu: cpu, Memory: memory, Devices: devices }))),
  ReservedResources: optional(maybe(fields({ Cpu: cpu, Memory: memory }))),
});

const node = fields({
  ...nodeStub.fields,
  StatusDescription: text,
  /** Seconds since the epoch. */
  StatusUpdatedAt: number,
  /** While it is drained. `Deadline` in ns; where it is 0 there is none, and `ForceDeadline` is the zero time. */
  DrainStrategy: optional(maybe(fields({ Deadline: number, ForceDeadline: maybe(text), IgnoreSystemJobs: flag }))),
  Attributes: maybe(map(text)),
  Meta: optional(maybe(map(text))),
  NodeResources: optional(
    maybe(fields({ Cpu: cpu, Memory: memory, Disk: optional(fields({ DiskMB: number })), Devices: devices })),
  ),
  /** Whether the servers forget its dynamic host volumes when they forget it. */
  GCVolumesOnNodeGC: optional(flag),
  Events: maybe(list(fields({ Message: text, Subsystem: text, Timestamp: text }))),
});

/** What a client says of its metadata. `Dynamic`: what was set since, null where a key of its configuration is hidden. */
const metadata = fields({
  Meta: maybe(map(text)),
  Dynamic: maybe(map(maybe(text))),
  /** Of its configuration. */
  Static: maybe(map(text)),
});

export type NodeMetadata = Infer<typeof metadata>;
export type NodeStub = Infer<typeof nodeStub>;
export type Node = Infer<typeof node>;

export const nodes = {
  noun: "node" as const,
  context: "nodes",
  list: endpoint({
    method: "GET",
    path: "/v1/nodes",
    reply: list(nodeStub),
    needs: [nodeRead],
    reach: "cluster",
  }),
  get: endpoint({
    method: "GET",
    path: "/v1/node/:node_id",
    reply: node,
    needs: [nodeRead],
    reach: "cluster",
  }),
  /** A repeat is a success with an `Index` of 0. */
  eligibility: endpoint({
    method: "PUT",
    path: "/v1/node/:node_id/eligibility",
    reply: fields({ EvalIDs: maybe(list(text)) }),
    needs: [policy("node", "write")],
    reach: "cluster",
    shows: "node status :node_id",
  }),
  /**
   * Begins a drain with a `DrainSpec`, or changes the one that runs, whose deadline then starts anew. Without one it cancels
   * the drain that runs.
   */
  drain: endpoint({
    method: "PUT",
    path: "/v1/node/:node_id/drain",
    reply: fields({ EvalIDs: maybe(list(text)), NodeModifyIndex: number }),
    needs: [policy("node", "write")],
    reach: "cluster",
    shows: "node status :node_id",
  }),
  /** Of the node in the query, by its client. */
  metadata: endpoint({
    method: "GET",
    path: "/v1/client/metadata",
    reply: metadata,
    needs: [nodeRead],
    reach: "cluster",
    since: "1.5.0",
  }),
  /**
   * Sets the keys that the body names and removes those that are null there; one of the configuration is hidden by that. The
   * client keeps it over a restart, and tells the servers some seconds later.
   */
  setMetadata: endpoint({
    method: "POST",
    path: "/v1/client/metadata",
    reply: metadata,
    needs: [policy("node", "write")],
    reach: "cluster",
    since: "1.5.0",
    shows: "node status",
  }),
  /** Has the servers forget a node. One that lives registers again at once, without its drain. */
  purge: endpoint({
    method: "PUT",
    path: "/v1/node/:node_id/purge",
    reply: fields({ EvalIDs: maybe(list(text)), NodeModifyIndex: number }),
    needs: [policy("node", "write")],
    reach: "cluster",
    shows: "node status :node_id",
  }),
};
