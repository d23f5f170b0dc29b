import { VERSION } from "../cluster/nodes.ts";
import type { Call, Reply } from "../http.ts";
import { parseJson } from "../job/decode.ts";
import type { Job } from "../state/job-types.ts";
import { allocsOf, jobKey } from "../state/store.ts";
import type { SchedulerConfiguration } from "../state/types.ts";
import type { World } from "../world.ts";
import { only } from "./lists.ts";

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

/** GET /v1/operator/keyring/keys: the one with which a cluster begins. */
export function keys(): Reply {
  const key = { KeyID: "1f8a6c52-7f0b-4c8e-9a53-6f2f0f6b5d11", CreateTime: Date.parse("2026-11-11T20:00:00Z") * 1e6 };
  const rest = { Algorithm: "aes256-gcm", CreateIndex: 7, ModifyIndex: 7, PublishTime: 0, State: "active" };
  return { json: [{ ...rest, ...key }], index: 7 };
}

/** GET /v1/operator/autopilot/configuration: what Nomad has where nobody has changed it. */
export function autopilotConfiguration(): Reply {
  const thresholds = { LastContactThreshold: "200ms", ServerStabilizationTime: "10s", MaxTrailingLogs: 250 };
  const enterprise = { EnableRedundancyZones: false, DisableUpgradeMigration: false, EnableCustomUpgrades: false };
  const rest = { CleanupDeadServers: true, MinQuorum: 0, CreateIndex: 4, ModifyIndex: 4 };
  return { json: { ...thresholds, ...rest, ...enterprise } };
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

/** PUT /v1/system/gc: dead jobs go with all that is theirs, and nodes that are down with nothing on them. */
export function collectGarbage({ store }: World, call: Call): Reply {
  only(call, "PUT");
  const index = store.write((put) => {
    for (const job of [...store.jobs.values()]) {
      if (!isGarbage(store, job)) continue;
      put.purge(job);
      for (const { ID, JobID, Namespace } of [...store.evals.values()])
        if (JobID === job.ID && Namespace === job.Namespace) store.evals.delete(ID);
    }
    for (const node of [...store.nodes.values()]) {
      const holds = [...store.allocs.values()].some(({ NodeID }) => NodeID === node.ID);
      if (node.Status === "down" && !holds) put.forget(node);
    }
  });
  return { index };
}

function isGarbage(store: World["store"], { ID, Namespace, Status, Stop, Type }: Job): boolean {
  const key = jobKey(Namespace, ID);
  if (Status !== "dead" || store.versions.get(key)?.some(({ VersionTag }) => VersionTag)) return false;
  const lives = allocsOf(store, key).some(({ ClientStatus }) => !["complete", "failed", "lost"].includes(ClientStatus));
  return !lives && (Stop || Type === "batch" || Type === "sysbatch");
}

/** GET /v1/agent/health. */
export function health(): Reply {
  const ok = { message: "ok", ok: true };
  return { json: { client: ok, server: ok } };
}
