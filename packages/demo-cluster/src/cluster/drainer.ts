import type { Timer } from "../clock.ts";
import { fromGoTime, MS } from "../gotime.ts";
import { newEvaluation } from "../state/fresh.ts";
import { isClientTerminal, isTerminal } from "../state/job-status.ts";
import type { Job, TaskGroup } from "../state/job-types.ts";
import type { Node } from "../state/node-types.ts";
import { allocsOf, jobKey, type Store } from "../state/store.ts";
import type { Allocation } from "../state/types.ts";
import { completeDrain } from "./node-changes.ts";

/** What is to move is gathered this long before it is told to (ms). */
const GATHER = 1000;

/**
 * Empties the nodes that drain (Nomad's nomad/drainer): each group of a service gives up as many as its migrate.max_parallel
 * allows, batch work may end by itself until the deadline, and system jobs go when all else has ended.
 */
export function startDrainer(store: Store): void {
  const deadlines = new Map<string, Timer>();
  let gathering: Timer | undefined;

  const look = () => {
    if (gathering || movable(store).length === 0) return;
    gathering = store.clock.after(GATHER, () => {
      gathering = undefined;
      move(store, movable(store));
    });
  };
  const end = (node: Node, atDeadline: boolean) => {
    move(store, remaining(store, node));
    completeDrain(store, store.nodes.get(node.ID) ?? node, atDeadline);
  };
  /** `id` has just been told to drain, or something that it waited for has ended. */
  const lookAtEnd = (id: string) => {
    const node = store.nodes.get(id);
    if (node?.DrainStrategy && isEmpty(store, node)) end(node, false);
  };

  store.listen({
    node(node) {
      deadlines.get(node.ID)?.cancel();
      deadlines.delete(node.ID);
      const { DrainStrategy: strategy } = node;
      if (!strategy) return;
      const due = strategy.Deadline < 0 ? 0 : fromGoTime(strategy.ForceDeadline) / MS - store.clock.now();
      const expire = () => {
        const now = store.nodes.get(node.ID);
        if (now?.DrainStrategy) end(now, true);
      };
      if (strategy.Deadline !== 0) deadlines.set(node.ID, store.clock.after(Math.max(0, due) + GATHER, expire));
      lookAtEnd(node.ID);
      look();
    },
    alloc(alloc) {
      // the end of sysbatch work wakes nobody: its drain goes on until the deadline
      const { Type } = alloc.Job;
      if ((Type === "service" || Type === "batch") && isClientTerminal(alloc)) lookAtEnd(alloc.NodeID);
      look();
    },
  });
}

function isDraining(store: Store, alloc: Allocation): boolean {
  return Boolean(store.nodes.get(alloc.NodeID)?.DrainStrategy);
}

/** Nothing runs on the node any more, system jobs left aside. */
function isEmpty(store: Store, node: Node): boolean {
  for (const alloc of store.allocs.values())
    if (alloc.NodeID === node.ID && alloc.Job.Type !== "system" && !isClientTerminal(alloc)) return false;
  return true;
}

/** What a drain that ends takes along. */
function remaining(store: Store, node: Node): Allocation[] {
  const withSystem = !node.DrainStrategy?.IgnoreSystemJobs;
  return [...store.allocs.values()].filter(
    (alloc) => alloc.NodeID === node.ID && !isTerminal(alloc) && (withSystem || alloc.Job.Type !== "system"),
  );
}

/** The allocations of services on draining nodes whose turn it is. */
function movable(store: Store): Allocation[] {
  if (![...store.nodes.values()].some(({ DrainStrategy }) => DrainStrategy)) return [];
  const keys = new Set<string>();
  for (const alloc of store.allocs.values())
    if (alloc.Job.Type === "service" && !isTerminal(alloc) && isDraining(store, alloc))
      keys.add(jobKey(alloc.Namespace, alloc.JobID));
  return [...keys].flatMap((key) => {
    const job = store.jobs.get(key);
    return (job?.TaskGroups ?? []).flatMap((group) => movableOf(store, group, allocsOf(store, key)));
  });
}

/** So many of a group that max_parallel of its count are away or not yet healthy elsewhere. */
function movableOf(store: Store, group: TaskGroup, allocs: readonly Allocation[]): Allocation[] {
  if (!group.Migrate) return [];
  const staying = allocs.filter(
    (alloc) => alloc.TaskGroup === group.Name && !isClientTerminal(alloc) && !alloc.DesiredTransition.Migrate,
  );
  const healthy = staying.filter(
    (alloc) => !isTerminal(alloc) && (alloc.DeploymentStatus?.Healthy ?? null) !== null,
  ).length;
  const count = healthy - (group.Count - group.Migrate.MaxParallel);
  return count > 0 ? staying.filter((alloc) => isDraining(store, alloc)).slice(0, count) : [];
}

/** Tells allocations to move, and the scheduler of their jobs. Batch work is not placed anew. */
function move(store: Store, allocs: readonly Allocation[]): void {
  if (allocs.length === 0) return;
  const jobs = new Map<string, Job>();
  for (const alloc of allocs) jobs.set(jobKey(alloc.Namespace, alloc.JobID), alloc.Job);
  store.write((put) => {
    for (const alloc of allocs) {
      const more = alloc.Job.Type === "batch" ? { MigrateDisablePlacement: true } : {};
      put.alloc({ ...alloc, DesiredTransition: { ...alloc.DesiredTransition, Migrate: true, ...more } });
    }
    for (const job of jobs.values()) put.evaluation(newEvaluation(store, job, "node-drain"));
  });
}
