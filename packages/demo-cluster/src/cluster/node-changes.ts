import { evaluateNode } from "../scheduler/broker.ts";
import { isClientTerminal, isTerminal } from "../state/job-status.ts";
import type { Store } from "../state/store.ts";
import type { Allocation, Node } from "../state/types.ts";
import { nodeEvent } from "./nodes.ts";

function byName(store: Store, name: string): Node {
  for (const node of store.nodes.values()) if (node.Name === name) return node;
  throw new Error(`no node ${name}`);
}

/** A client that stops sending heartbeats, or comes back. */
export function setNodeStatus(store: Store, name: string, status: "down" | "ready"): void {
  const node = byName(store, name);
  if (node.Status === status) return;
  const message = status === "down" ? "Node heartbeat missed" : "Node reregistered by heartbeat";
  const event = nodeEvent(store, "Cluster", message);
  let changed = node;
  store.write((put, index) => {
    changed = put.node({
      ...node,
      Status: status,
      StatusUpdatedAt: Math.floor(store.clock.now() / 1000),
      LastMissedHeartbeatIndex: status === "down" ? index : 0,
      Events: [...node.Events, { ...event, CreateIndex: index }].slice(-10),
    });
  });
  evaluateNode(store, changed, "node-update");
}

/** Whether the scheduler may place anything new on a node; what runs there stays. */
export function setEligibility(store: Store, name: string, eligible: boolean): void {
  const node = byName(store, name);
  const SchedulingEligibility = eligible ? "eligible" : "ineligible";
  const event = nodeEvent(store, "Cluster", `Node marked as ${SchedulingEligibility} for scheduling`);
  let changed = node;
  store.write((put, index) => {
    const Events = [...node.Events, { ...event, CreateIndex: index }].slice(-10);
    changed = put.node({ ...node, SchedulingEligibility, Events });
  });
  if (eligible) evaluateNode(store, changed, "node-update");
}

/** What ends by itself may do so until a drain's deadline (ms). */
const DRAIN_DEADLINE = 3_600_000;

/**
 * Drains a node: nothing new comes to it, and all that runs there moves, system jobs excepted. Batch work keeps it from
 * its end until the deadline, is killed then, and runs nowhere else.
 */
export function drainNode(store: Store, name: string): void {
  const node = byName(store, name);
  const at = `${new Date(store.clock.now()).toISOString().slice(0, 19)}Z`;
  const drain = (Status: string) => ({
    AccessorID: "token:acls-disabled",
    Meta: null,
    StartedAt: at,
    UpdatedAt: at,
    Status,
  });
  const moves = [...store.allocs.values()].filter(
    (alloc) => alloc.NodeID === node.ID && !isTerminal(alloc) && !alloc.Job.Type.startsWith("sys"),
  );
  const put = (changes: Partial<Node>, message: string) => {
    let changed = byName(store, name);
    store.write((put, index) => {
      const event = { ...nodeEvent(store, "Drain", message), CreateIndex: index };
      changed = put.node({ ...changed, ...changes, Events: [...changed.Events, event].slice(-10) });
    });
    return changed;
  };
  const strategy = {
    Deadline: DRAIN_DEADLINE * 1_000_000,
    ForceDeadline: `${new Date(store.clock.now() + DRAIN_DEADLINE).toISOString().slice(0, 19)}Z`,
    IgnoreSystemJobs: true,
    StartedAt: at,
  };
  const draining = put(
    {
      Drain: true,
      DrainStrategy: strategy,
      LastDrain: drain("draining"),
      SchedulingEligibility: "ineligible",
    },
    "Node drain strategy set",
  );
  const move = (allocs: readonly Allocation[], MigrateDisablePlacement: boolean | null) =>
    store.write((put) => {
      for (const alloc of allocs) {
        const { DesiredTransition } = alloc;
        put.alloc({ ...alloc, DesiredTransition: { ...DesiredTransition, Migrate: true, MigrateDisablePlacement } });
      }
    });
  move(
    moves.filter(({ Job }) => Job.Type !== "batch"),
    null,
  );
  evaluateNode(store, draining, "node-drain");
  const batch = moves.filter(({ Job }) => Job.Type === "batch").map(({ ID }) => ID);
  if (batch.length > 0)
    store.clock.after(DRAIN_DEADLINE, () => {
      const left = batch.flatMap((id) => store.allocs.get(id) ?? []).filter((alloc) => !isClientTerminal(alloc));
      move(left, true);
      evaluateNode(store, byName(store, name), "node-drain");
    });
  let over = false;
  const look = () => {
    const left = moves.map(({ ID }) => store.allocs.get(ID)).some((alloc) => alloc && !isClientTerminal(alloc));
    if (over || left) return;
    over = true;
    put({ Drain: false, DrainStrategy: null, LastDrain: drain("complete") }, "Node drain complete");
  };
  store.listen({ alloc: look });
  look();
}
