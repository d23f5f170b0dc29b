import { startClients } from "./client/clients.ts";
import type { Program } from "./client/programs.ts";
import { type Clock, realClock, relayClock, virtualClock } from "./clock.ts";
import { startDrainer } from "./cluster/drainer.ts";
import {
  addRetired,
  addStranded,
  nodeNamed,
  setEligibility,
  setNodeStatus,
  updateDrain,
} from "./cluster/node-changes.ts";
import { addNodes } from "./cluster/nodes.ts";
import { addAcl } from "./cluster/seed-acl.ts";
import { BEGAN_AGO, OUTAGE_AGO, type Past, pastOf } from "./cluster/seed-jobs.ts";
import { seedPrograms } from "./cluster/seed-programs.ts";
import { addShelf } from "./cluster/seed-shelf.ts";
import { loseServer, startServers } from "./cluster/servers.ts";
import { HOUR } from "./gotime.ts";
import { parseHcl } from "./hcl/parse-job.ts";
import { type RequestLog, serve } from "./http.ts";
import { chance } from "./ids.ts";
import { loadCron } from "./job/cron.ts";
import { decodeBody } from "./job/decode.ts";
import { startPeriodic } from "./job/periodic.ts";
import { deregister, type Registry, register } from "./job/registry.ts";
import type { Sent } from "./job/sent.ts";
import { conversations } from "./routes/exec.ts";
import { router } from "./routes/index.ts";
import { startBroker } from "./scheduler/broker.ts";
import { watchDeployments } from "./scheduler/deployments.ts";
import { createStore } from "./state/create-store.ts";
import { startEvents } from "./state/event-buffer.ts";
import type { Store } from "./state/store.ts";
import { takeUpgrades } from "./websockets.ts";

/** How a demo cluster starts. */
export interface DemoOptions {
  /** Real time unless a test drives it. */
  clock?: Clock;
  /** The same seed gives the same ids, delays and jitters. */
  seed?: number;
  /** false: start without jobs. */
  jobs?: boolean;
  /** true: with ACLs, and whoever asks is taken for somebody who may do all. */
  acl?: boolean;
  /** How many servers it has: one, unless this says more. */
  servers?: number;
  /** What containers do beside those of the demo's own images. */
  programs?: readonly Program[];
  /** Puts more into the store than lives: a large cluster is mostly what stands still. */
  fill?: (store: Store) => void;
}

/** A demo cluster that runs. */
export interface DemoCluster {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  readonly clock: Clock;
  /** The last 1,000 requests that were answered. */
  readonly requests: readonly RequestLog[];
  /** One of its servers is lost: not the first, which leads. */
  loseServer(name: string): void;
  /** A client loses its servers, or comes back. */
  setNodeStatus(name: string, status: "down" | "ready"): void;
  /** A node that was there once and is down. */
  addRetired(name: string): void;
  /** An allocation like one of the job's, stopped while its client was out of contact, whose registrations stay; gives its id. */
  addStranded(jobId: string): string;
  /** Whether anything new may be placed on a node. */
  setEligibility(name: string, eligible: boolean): void;
  /** What runs on a node moves away from it, system jobs excepted; batch work has an hour to end. */
  drainNode(name: string): void;
  /** From now on it has ACLs, and whoever asks is taken for somebody who may do all. */
  enableAcl(): void;
  /** Ends every connection and every timer. */
  stop(): Promise<void>;
}

/** Starts a Nomad that lives in memory, with three nodes and a few jobs that have been there for a while. */
export async function startDemoCluster(options: DemoOptions = {}): Promise<DemoCluster> {
  const target = options.clock ?? realClock();
  const now = target.now();
  const past = virtualClock(new Date(now - BEGAN_AGO).toISOString());
  const clock = relayClock(past);
  const store = createStore(clock, chance(options.seed ?? 1));
  const registry: Registry = { store, cron: await loadCron() };
  const events = startEvents(store);
  startBroker(store);
  const clients = startClients(store, [...(options.programs ?? []), ...seedPrograms(now - OUTAGE_AGO)]);
  watchDeployments(store);
  startDrainer(store);
  startPeriodic(store, registry.cron);
  addShelf(store, options.jobs !== false);
  addNodes(store);
  if (options.jobs !== false)
    for (const event of pastOf(now)) {
      past.run(event.at - past.now());
      happen(registry, event);
    }
  past.run(now - past.now());
  options.fill?.(store);
  clock.moveTo(target);

  const servers = startServers(options.servers ?? 1);
  const world = { ...registry, clients, events, servers, acl: false };
  const enableAcl = () => {
    world.acl = true;
    addAcl(store);
  };
  if (options.acl) enableAcl();
  const http = await serve(clock, router(world), (server, log) =>
    takeUpgrades(server, clock, conversations(world), log),
  );
  return {
    address: http.address,
    clock: target,
    requests: http.requests,
    loseServer: (name) => loseServer(servers, name),
    setNodeStatus: (name, status) => setNodeStatus(store, name, status),
    addRetired: (name) => addRetired(store, name),
    addStranded: (jobId) => addStranded(store, jobId),
    setEligibility: (name, eligible) =>
      void setEligibility(store, nodeNamed(store, name), eligible ? "eligible" : "ineligible"),
    drainNode: (name) =>
      void updateDrain(store, nodeNamed(store, name), {
        spec: { deadline: HOUR, ignoreSystemJobs: true },
        markEligible: false,
        meta: null,
      }),
    enableAcl,
    async stop() {
      await http.stop();
      clock.stop();
    },
  };
}

function happen(registry: Registry, { namespace, source, stopped }: Past): void {
  if (stopped !== undefined) deregister(registry.store, namespace, stopped, false);
  if (source === undefined) return;
  const { Job } = decodeBody("JobRegisterRequest", { Job: parseHcl(source, "") });
  const where = { JobID: "", JobModifyIndex: 0, Namespace: namespace, Version: 0 };
  const submission = { ...where, Format: "hcl2", Source: source, VariableFlags: null, Variables: "" };
  register(registry, Job as Sent, namespace, { submission });
}
