import { createHash } from "node:crypto";
import { serverError } from "../errors.ts";
import { goTime, MS } from "../gotime.ts";
import { evaluateNode } from "../scheduler/broker.ts";
import type { DrainStrategy, LastDrain, Node } from "../state/node-types.ts";
import type { Store } from "../state/store.ts";
import { nodeEvent } from "./nodes.ts";

/** How many events a node remembers. */
const KEPT_EVENTS = 10;

/** What changing a node comes to. The ids of evaluations are null where nothing is evaluated. */
export interface NodeChange {
  index: number;
  evalIds: string[] | null;
  evalIndex: number;
}

/** What asking a node to drain says; without `spec` the drain that runs is canceled. Times in ns. */
export interface DrainRequest {
  spec: { deadline: number; ignoreSystemJobs: boolean } | undefined;
  markEligible: boolean;
  meta: Record<string, string> | null;
}

/** The node of that name; tests know them by it. */
export function nodeNamed(store: Store, name: string): Node {
  for (const node of store.nodes.values()) if (node.Name === name) return node;
  throw new Error(`no node ${name}`);
}

/** Writes what changes of a node and, where there is one, the line for its history. */
function change(store: Store, node: Node, changes: Partial<Node>, event?: Record<string, unknown>): [Node, number] {
  let changed = node;
  const index = store.write((put, at) => {
    const Events = event ? [...node.Events, { ...event, CreateIndex: at }].slice(-KEPT_EVENTS) : node.Events;
    changed = put.node({ ...node, ...changes, Events, StatusUpdatedAt: Math.floor(store.clock.now() / 1000) });
  });
  return [changed, index];
}

/** What the servers do when a node can take work again: jobs look for a place on it. */
function evaluated(store: Store, [node, index]: [Node, number], wanted: boolean): NodeChange {
  const ids = wanted ? evaluateNode(store, node, "node-update") : [];
  return ids.length > 0 ? { index, evalIds: ids, evalIndex: store.index } : { index, evalIds: null, evalIndex: 0 };
}

/** Nodes that the servers were told to forget, by name: their clients may come back. */
const forgotten = new WeakMap<Store, Map<string, Node>>();

/** A client that stops sending heartbeats, or comes back: one that was forgotten registers again, under its id. */
export function setNodeStatus(store: Store, name: string, status: "down" | "ready"): void {
  const gone = forgotten.get(store)?.get(name);
  if (gone !== undefined && status === "ready") {
    forgotten.get(store)?.delete(name);
    change(
      store,
      { ...gone, Drain: false, DrainStrategy: null, LastDrain: null },
      { SchedulingEligibility: "eligible" },
    );
  }
  const node = nodeNamed(store, name);
  if (node.Status === status) return;
  const message = status === "down" ? "Node heartbeat missed" : "Node reregistered by heartbeat";
  const missed = status === "down" ? store.index + 1 : 0;
  const changes = { Status: status, LastMissedHeartbeatIndex: missed };
  evaluated(store, change(store, node, changes, nodeEvent(store, "Cluster", message)), true);
}

/** A node of the past: down since now, in a pool of its own, so that nothing is placed by it. */
export function addRetired(store: Store, name: string): void {
  const [like] = store.nodes.values();
  if (like === undefined) throw new Error("there is no node to be like");
  store.shelf.node_pools.set("retired", { Name: "retired", Description: "", CreateIndex: 0, ModifyIndex: 0 });
  const away = { Status: "down" as const, NodePool: "retired", HostVolumes: {}, Events: [] };
  store.write((put) => put.node({ ...like, ID: store.chance.uuid(), Name: name, ...away }));
}

/** What a client left behind that is out of contact: an allocation like one of the job's, stopped, of which nobody hears. */
export function addStranded(store: Store, jobId: string): string {
  const like = [...store.allocs.values()].find(
    ({ JobID, ClientStatus }) => JobID === jobId && ClientStatus === "running",
  );
  if (like === undefined) throw new Error(`nothing of ${jobId} runs`);
  const ID = store.chance.uuid();
  store.write((put) => put.alloc({ ...like, ID, ClientStatus: "unknown", DesiredStatus: "stop" }));
  return ID;
}

/** Whether the scheduler may place anything new on a node; what runs there stays. A repeat changes nothing. */
export function setEligibility(store: Store, node: Node | undefined, wanted: string): NodeChange {
  if (wanted !== "eligible" && wanted !== "ineligible")
    throw serverError(`invalid scheduling eligibility ${JSON.stringify(wanted)}`);
  if (!node) throw serverError("node not found");
  if (node.DrainStrategy && wanted === "eligible")
    throw serverError("can not set node's scheduling eligibility to eligible while it is draining");
  if (node.SchedulingEligibility === wanted) return { index: 0, evalIds: null, evalIndex: 0 };
  const event = nodeEvent(store, "Cluster", `Node marked as ${wanted} for scheduling`);
  return evaluated(
    store,
    change(store, node, { SchedulingEligibility: wanted }, event),
    node.SchedulingEligibility === "ineligible",
  );
}

/** The servers forget a node: what it had is lost, and its jobs are looked at. */
export function purgeNode(store: Store, node: Node): NodeChange {
  const index = store.write((put) => put.forget(node));
  const gone = forgotten.get(store) ?? new Map<string, Node>();
  forgotten.set(store, gone.set(node.Name, node));
  return evaluated(store, [node, index], true);
}

/** How long a client takes to tell the servers of its metadata, ms. */
const TOLD_AFTER = 2_000;

/** What a client knows of its metadata. `Dynamic`: null hides a key of its configuration. */
export interface NodeMetadata {
  Static: Record<string, string>;
  Dynamic: Record<string, string | null>;
  Meta: Record<string, string>;
}

/** By the id of the node: what its client knows, where somebody has asked it. */
const known = new WeakMap<Store, Map<string, NodeMetadata>>();

/** Sets keys of a node's metadata, and removes those that are null; the servers hear of it later. */
export function setMetadata(store: Store, node: Node, change: Record<string, string | null>): NodeMetadata {
  const all = known.get(store) ?? new Map<string, NodeMetadata>();
  known.set(store, all);
  const { Static, Dynamic: before } = all.get(node.ID) ?? { Static: node.Meta, Dynamic: {} };
  const merged = Object.entries({ ...before, ...change });
  const Dynamic = Object.fromEntries(merged.filter(([key, value]) => value !== null || key in Static));
  const set = Object.entries({ ...Static, ...Dynamic }).flatMap(([key, value]) =>
    value === null ? [] : [[key, value]],
  );
  const now = { Static, Dynamic, Meta: Object.fromEntries(set) as Record<string, string> };
  all.set(node.ID, now);
  if (Object.keys(change).length > 0)
    store.clock.after(TOLD_AFTER, () => {
      const current = store.nodes.get(node.ID);
      if (current?.Status === "ready")
        store.write((put) => put.node({ ...current, Meta: now.Meta, ComputedClass: classOf(current, now.Meta) }));
    });
  return now;
}

/** Nodes with other metadata are of another class: what was ruled out for the old one is tried again. */
function classOf({ NodeClass, Datacenter, NodePool, Drivers }: Node, meta: Record<string, string>): string {
  const drivers = Object.entries(Drivers).flatMap(([name, { Detected }]) => (Detected ? [name] : []));
  const all = JSON.stringify([NodeClass, Datacenter, NodePool, drivers, Object.entries(meta).sort()]);
  return `v1:${createHash("sha256").update(all).digest().readBigUInt64BE()}`;
}

/** Begins a drain, changes the one that runs, or cancels it. What it moves is the drainer's. */
export function updateDrain(
  store: Store,
  node: Node | undefined,
  { spec, markEligible, meta }: DrainRequest,
): NodeChange {
  if (!node) throw serverError("node not found");
  const now = store.stamp();
  const running = node.DrainStrategy;
  const eligible = !spec && markEligible;
  const DrainStrategy: DrainStrategy | null = spec
    ? {
        Deadline: spec.deadline,
        IgnoreSystemJobs: spec.ignoreSystemJobs,
        ForceDeadline: spec.deadline > 0 ? goTime(now + spec.deadline) : null,
        StartedAt: running?.StartedAt ?? goTime(now),
      }
    : null;
  const message =
    spec && running
      ? "Node drain strategy updated"
      : spec
        ? "Node drain strategy set"
        : running && "Node drain disabled";
  const changes: Partial<Node> = {
    Drain: DrainStrategy !== null,
    DrainStrategy,
    LastDrain: lastDrain(store, node, DrainStrategy, meta),
    SchedulingEligibility: spec ? "ineligible" : eligible ? "eligible" : node.SchedulingEligibility,
  };
  const event = message ? nodeEvent(store, "Drain", message) : undefined;
  return evaluated(store, change(store, node, changes, event), eligible && node.SchedulingEligibility === "ineligible");
}

/** The drain of a node is over: nothing is left that it waits for, or its deadline has come. */
export function completeDrain(store: Store, node: Node, atDeadline: boolean): void {
  const event = nodeEvent(store, "Drain", "Node drain complete");
  const LastDrain = { ...(node.LastDrain as LastDrain), Status: "complete" as const, UpdatedAt: second(store) };
  change(
    store,
    node,
    { Drain: false, DrainStrategy: null, LastDrain },
    atDeadline ? { ...event, Details: { deadline_reached: "true" } } : event,
  );
}

/** What a node remembers of its last drain, whose times have no fractions. */
function lastDrain(store: Store, node: Node, strategy: DrainStrategy | null, meta: DrainRequest["meta"]) {
  const running = node.DrainStrategy !== null;
  if (!running && strategy === null) return node.LastDrain;
  const at = second(store);
  const before = running ? node.LastDrain : null;
  return {
    AccessorID: "token:acls-disabled",
    Meta: meta && Object.keys(meta).length > 0 ? meta : (before?.Meta ?? null),
    StartedAt: before?.StartedAt ?? at,
    Status: strategy ? ("draining" as const) : ("canceled" as const),
    UpdatedAt: at,
  };
}

function second(store: Store): string {
  return goTime(Math.floor(store.clock.now() / 1000) * 1000 * MS) ?? "";
}
