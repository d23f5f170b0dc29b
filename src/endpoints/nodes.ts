import { endpoint } from "./endpoint.ts";
import { nodeRead, policy } from "./needs.ts";
import { fields, flag, type Infer, id, list, map, maybe, number, oneOf, optional, text } from "./schema.ts";

const cpu = fields({ CpuShares: number });
const memory = fields({ MemoryMB: number });

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
    maybe(fields({ Status: oneOf("draining", "complete", "canceled"), StartedAt: text, UpdatedAt: text })),
  ),
  Drivers: maybe(map(fields({ Detected: flag, Healthy: flag, HealthDescription: text }))),
  /** By name. Those of the client's configuration have no id, dynamic ones have that of their volume. */
  HostVolumes: optional(maybe(map(fields({ ID: optional(text), ReadOnly: flag })))),
  /** In the list only with `resources=true`; and what the client keeps of them for itself. */
  NodeResources: optional(maybe(fields({ Cpu: cpu, Memory: memory }))),
  ReservedResources: optional(maybe(fields({ Cpu: cpu, Memory: memory }))),
});

const node = fields({
  ...nodeStub.fields,
  StatusDescription: text,
  /** Seconds since the epoch. */
  StatusUpdatedAt: number,
  /** While it is drained. The deadline is the zero time where there is none. */
  DrainStrategy: optional(maybe(fields({ ForceDeadline: text, IgnoreSystemJobs: flag }))),
  Attributes: maybe(map(text)),
  Meta: optional(maybe(map(text))),
  NodeResources: optional(maybe(fields({ Cpu: cpu, Memory: memory, Disk: optional(fields({ DiskMB: number })) }))),
  Events: maybe(list(fields({ Message: text, Subsystem: text, Timestamp: text }))),
});

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
};
