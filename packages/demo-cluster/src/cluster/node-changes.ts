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

/** A client that stops sending heartbeats, or comes back. */
export function setNodeStatus(store: Store, name: string, status: "down" | "ready"): void {
  const node = nodeNamed(store, name);
  if (node.Status === status) return;
  const message = status === "down" ? "Node heartbeat missed" : "Node reregistered by heartbeat";
  const missed = status === "down" ? store.index + 1 : 0;
  const changes = { Status: status, LastMissedHeartbeatIndex: missed };
  evaluated(store, change(store, node, changes, nodeEvent(store, "Cluster", message)), true);
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
