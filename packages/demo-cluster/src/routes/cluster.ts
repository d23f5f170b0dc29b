import { VERSION } from "../cluster/nodes.ts";
import type { Call, Reply } from "../http.ts";
import { parseJson } from "../job/decode.ts";
import type { SchedulerConfiguration } from "../state/types.ts";
import type { World } from "../world.ts";
import { only } from "./lists.ts";

/** The server, as Raft knows it. */
const SERVER = { ID: "5b0a3f0e-9d0c-4f5c-8d6e-0f6a3b2c1d00", Address: "127.0.0.1:4647" };

/** GET /v1/agent/self: what the agent says of itself, as far as clients ask. */
export function self({ acl }: World): Reply {
  return { json: agent(acl) };
}

function agent(acl: boolean) {
  const tags = { build: VERSION, dc: "dc1", region: "global", role: "nomad", port: "4647", vsn: "1" };
  return {
    config: {
      ACL: { Enabled: acl },
      Datacenter: "dc1",
      DevMode: true,
      NodeName: "demo-server",
      Region: "global",
      Version: { BuildDate: null, Revision: "", Version: VERSION, VersionMetadata: "", VersionPrerelease: "" },
    },
    member: { Addr: "127.0.0.1", Name: "demo-server.global", Port: 4648, Status: "alive", Tags: tags },
    stats: { nomad: { server: "true", leader: "true", leader_addr: "127.0.0.1:4647", known_regions: "1" } },
  };
}

/** GET /v1/agent/members: the only server. */
export function members(): Reply {
  const protocols = { DelegateCur: 4, DelegateMax: 5, DelegateMin: 2, ProtocolCur: 2, ProtocolMax: 5, ProtocolMin: 1 };
  const tags = { build: VERSION, dc: "dc1", region: "global", role: "nomad", rpc_addr: "127.0.0.1", port: "4647" };
  const raft = { bootstrap: "1", expect: "1", id: SERVER.ID, raft_vsn: "3" };
  const at = { Addr: "127.0.0.1", Port: 4648 };
  const Tags = { ...tags, ...raft, revision: "", vsn: "1" };
  return {
    json: {
      Members: [{ ...at, ...protocols, Name: "demo-server.global", Status: "alive", Tags }],
      ...{ ServerDC: "dc1", ServerName: "demo-server", ServerRegion: "global" },
    },
  };
}

/** GET /v1/operator/raft/configuration: the only server. */
export function raft(): Reply {
  const server = { ...SERVER, Leader: true, Node: "demo-server.global", RaftProtocol: "3", Voter: true };
  return { json: { Index: 0, Servers: [server] } };
}

/** GET /v1/operator/autopilot/configuration: what Nomad has where nobody has changed it. */
export function autopilotConfiguration(): Reply {
  const thresholds = { LastContactThreshold: "200ms", ServerStabilizationTime: "10s", MaxTrailingLogs: 250 };
  const enterprise = { EnableRedundancyZones: false, DisableUpgradeMigration: false, EnableCustomUpgrades: false };
  const rest = { CleanupDeadServers: true, MinQuorum: 0, CreateIndex: 4, ModifyIndex: 4 };
  return { json: { ...thresholds, ...rest, ...enterprise } };
}

/** GET /v1/operator/autopilot/health: it is well, alone, and the leader. */
export function autopilot({ store }: World): Reply {
  const { ID } = SERVER;
  const server = {
    ...{ ...SERVER, Name: "demo-server.global", SerfStatus: "alive", Version: VERSION },
    ...{ Leader: true, LastContact: "0s", LastTerm: 2, LastIndex: store.index, Healthy: true, Voter: true },
    StableSince: "2026-11-11T20:00:00Z",
  };
  return { json: { FailureTolerance: 0, Healthy: true, Leader: ID, Servers: [server], Voters: [ID] } };
}

/** /v1/operator/scheduler/configuration: what is put replaces the whole, and what it leaves out is off. */
export function schedulerConfiguration({ store }: World, call: Call): Reply {
  if (call.method !== "GET") return setScheduler(store, call);
  const { scheduler: SchedulerConfig } = store;
  const Index = SchedulerConfig.ModifyIndex;
  return {
    json: { Index, KnownLeader: true, LastContact: 0, NextToken: "", SchedulerConfig },
    index: Index,
    meta: true,
  };
}

function setScheduler(store: World["store"], call: Call): Reply {
  only(call, "PUT", "POST");
  const given = (parseJson(call.body) ?? {}) as Partial<SchedulerConfiguration>;
  const preemption = given.PreemptionConfig;
  const cas = call.query.get("cas");
  if (cas !== null && Number(cas) !== store.scheduler.ModifyIndex)
    return { json: { Index: store.index, Updated: false }, index: store.index };
  const index = store.write((put) =>
    put.scheduler({
      SchedulerAlgorithm: given.SchedulerAlgorithm || "binpack",
      MemoryOversubscriptionEnabled: given.MemoryOversubscriptionEnabled ?? false,
      RejectJobRegistration: given.RejectJobRegistration ?? false,
      PauseEvalBroker: given.PauseEvalBroker ?? false,
      NodeLimitForFeasibilityChecks: given.NodeLimitForFeasibilityChecks ?? 0,
      PreemptionConfig: {
        SystemSchedulerEnabled: preemption?.SystemSchedulerEnabled ?? false,
        SysBatchSchedulerEnabled: preemption?.SysBatchSchedulerEnabled ?? false,
        BatchSchedulerEnabled: preemption?.BatchSchedulerEnabled ?? false,
        ServiceSchedulerEnabled: preemption?.ServiceSchedulerEnabled ?? false,
      },
    }),
  );
  return { json: { Index: index, Updated: true }, index };
}

/** GET /v1/agent/health. */
export function health(): Reply {
  const ok = { message: "ok", ok: true };
  return { json: { client: ok, server: ok } };
}
