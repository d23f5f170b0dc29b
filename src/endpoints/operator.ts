import { endpoint } from "./endpoint.ts";
import { nodeRead, policy } from "./needs.ts";
import { fields, flag, type Infer, list, map, maybe, number, optional, text } from "./schema.ts";

const server = fields({
  Name: text,
  /** Where the servers speak to each other. */
  Address: text,
  SerfStatus: text,
  Version: text,
  Leader: flag,
  Healthy: flag,
  Voter: flag,
  /** A Go duration: "12ms". */
  LastContact: text,
  /** Since when its health is what it is. */
  StableSince: text,
});
/** `FailureTolerance`: how many servers may fail before there is no quorum. */
const autopilot = fields({ Healthy: flag, FailureTolerance: number, Servers: maybe(list(server)) });
/** Put, it replaces the whole: what is left out is off. */
const schedulerConfig = fields({
  SchedulerConfig: maybe(
    fields({
      ModifyIndex: number,
      SchedulerAlgorithm: optional(text),
      MemoryOversubscriptionEnabled: optional(flag),
      PauseEvalBroker: optional(flag),
      RejectJobRegistration: optional(flag),
      PreemptionConfig: optional(
        maybe(
          fields({
            ServiceSchedulerEnabled: flag,
            BatchSchedulerEnabled: flag,
            SystemSchedulerEnabled: flag,
            SysBatchSchedulerEnabled: flag,
          }),
        ),
      ),
    }),
  ),
});

const member = fields({
  /** `server-1.global` */
  Name: text,
  /** By the gossip of the others. */
  Status: text,
  /** `build`: its version; `rpc_addr` and `port`: where the servers speak to each other. */
  Tags: maybe(map(text)),
});
const members = fields({ ServerRegion: text, Members: maybe(list(member)) });

/** A root key of the keyring, without itself. */
const rootKey = fields({ KeyID: text, State: text, CreateTime: number });

export type RootKey = Infer<typeof rootKey>;
export type Autopilot = Infer<typeof autopilot>;
export type SchedulerConfig = Infer<typeof schedulerConfig>;
export type SchedulerSettings = NonNullable<SchedulerConfig["SchedulerConfig"]>;
export type AgentMember = Infer<typeof member>;
export type AgentMembers = Infer<typeof members>;

/** The servers, and what is set for all of the cluster. */
export const operator = {
  /** Where autopilot thinks ill of the servers, Nomad answers with 429 and the same body. */
  autopilotHealth: endpoint({
    method: "GET",
    path: "/v1/operator/autopilot/health",
    reply: autopilot,
    needs: [policy("operator", "read")],
    reach: "cluster",
  }),
  schedulerConfiguration: endpoint({
    method: "GET",
    path: "/v1/operator/scheduler/configuration",
    reply: schedulerConfig,
    needs: [policy("operator", "read")],
    reach: "cluster",
  }),
  /** Sets all of the configuration to the body. With `cas` that has changed, nothing: `Updated` is false then. */
  setSchedulerConfiguration: endpoint({
    method: "PUT",
    path: "/v1/operator/scheduler/configuration",
    reply: fields({ Updated: flag }),
    needs: [policy("operator", "write")],
    reach: "cluster",
    shows: "operator scheduler get-config",
  }),
  /** Answers at once; what it begins goes on. */
  collectGarbage: endpoint({
    method: "PUT",
    path: "/v1/system/gc",
    reply: "bytes",
    needs: [{ of: "management" }],
    reach: "cluster",
  }),
  members: endpoint({
    method: "GET",
    path: "/v1/agent/members",
    reply: members,
    needs: [nodeRead],
    reach: "cluster",
  }),
  /** The leader's address as a text in JSON; empty where there is none. */
  leader: endpoint({ method: "GET", path: "/v1/status/leader", reply: "bytes", needs: [], reach: "cluster" }),
  /** The addresses of the servers that take part in Raft; with `stale` also where they have no leader. */
  peers: endpoint({ method: "GET", path: "/v1/status/peers", reply: list(text), needs: [], reach: "cluster" }),
  keys: endpoint({
    method: "GET",
    path: "/v1/operator/keyring/keys",
    reply: list(rootKey),
    needs: [{ of: "management" }],
    reach: "cluster",
    since: "1.4.0",
  }),
  regions: endpoint({ method: "GET", path: "/v1/regions", reply: list(text), needs: [], reach: "cluster" }),
};
