import type { Timer } from "../clock.ts";
import { serverError } from "../errors.ts";
import { goTime } from "../gotime.ts";
import { mayReschedule } from "../scheduler/reschedule.ts";
import { newEvaluation } from "../state/fresh.ts";
import { isClientTerminal, isServerTerminal } from "../state/job-status.ts";
import { shelfKey } from "../state/shelf.ts";
import { jobKey, type Store } from "../state/store.ts";
import type { Allocation, DeploymentStatus, TaskState } from "../state/types.ts";
import { type AllocRunner, startAlloc } from "./alloc-runner.ts";
import type { Program } from "./programs.ts";

/** The clients of all nodes together. */
export interface Clients {
  /** What runs an allocation; undefined where no client knows it. */
  runner(id: string): AllocRunner | undefined;
  /** Restarts one task, all that run, or all; resolves when the old ones have ended. */
  restart(alloc: Allocation, task: string, all: boolean): Promise<void>;
  /** Sends a signal to one task, or to each that runs. */
  signal(alloc: Allocation, signal: string, task: string): void;
}

/** How often a client tells the servers what is new (ms): a change of status soon, the rest with time. */
const SOON = 200;
const WITH_TIME = 1000;
/** A task that never started keeps its client busy this long before it says so. */
const NEVER_STARTED = 4000;

interface Hosted {
  runner: AllocRunner;
  pending: Timer | undefined;
  due: number;
  told: string;
}

/** Runs what is placed on the nodes and reports to the servers, a little late as clients do. */
export function startClients(store: Store, programs: readonly Program[]): Clients {
  const { clock, chance } = store;
  const hasVariable = (namespace: string, path: string) => store.shelf.variables.has(shelfKey(namespace, path));
  const around = { clock, chance, stamp: () => store.stamp(), programs, hasVariable };
  const hosted = new Map<string, Hosted>();
  const away = new Set<string>();
  const isDown = (alloc: Allocation) => store.nodes.get(alloc.NodeID)?.Status === "down";

  const host = (alloc: Allocation) => {
    const group = alloc.Job.TaskGroups.find((candidate) => candidate.Name === alloc.TaskGroup);
    if (!group || hosted.has(alloc.ID)) return;
    let entry: Hosted | undefined;
    const runner = startAlloc(around, alloc, group, () => entry && schedule(alloc.ID));
    entry = { runner, pending: undefined, due: 0, told: "" };
    hosted.set(alloc.ID, entry);
    // It may have been stopped while it was on its way here.
    if (isServerTerminal(store.allocs.get(alloc.ID) ?? alloc)) runner.stop();
    schedule(alloc.ID);
  };
  const schedule = (id: string) => {
    const entry = hosted.get(id);
    if (!entry) return;
    const { ClientStatus } = entry.runner.status();
    const urgent = entry.told === "" ? ClientStatus === "failed" : entry.told !== ClientStatus;
    const tasks = [...entry.runner.tasks.values()];
    const stuck = ClientStatus === "failed" && tasks.every(({ state }) => state.StartedAt === null);
    const wait = stuck ? NEVER_STARTED : urgent ? SOON : WITH_TIME;
    const due = clock.now() + wait - (stuck ? 0 : chance.between(0, Math.floor(wait / 2)));
    if (entry.pending && entry.due <= due && !stuck) return;
    entry.pending?.cancel();
    entry.due = due;
    entry.pending = clock.after(due - clock.now(), () => {
      entry.pending = undefined;
      tell(id, entry);
    });
  };
  const tell = (id: string, entry: Hosted) => {
    const alloc = store.allocs.get(id);
    if (!alloc || isDown(alloc)) return;
    const status = entry.runner.status();
    entry.told = status.ClientStatus;
    const now = store.stamp();
    const states: Record<string, TaskState> = {};
    const over = status.ClientStatus === "failed" || status.ClientStatus === "complete";
    for (const [name, { state }] of entry.runner.tasks)
      states[name] = { ...state, FinishedAt: state.FinishedAt ?? (over ? goTime(now) : null) };
    const updated: Allocation = {
      ...alloc,
      ...status,
      TaskStates: states,
      NetworkStatus: { Address: "", AddressIPv6: "", DNS: null, InterfaceName: "" },
      DeploymentStatus: healthOf(alloc, entry.runner, status.ClientStatus),
      ModifyTime: now,
    };
    store.write((put, index) => {
      if (updated.DeploymentStatus && updated.DeploymentStatus.Healthy !== alloc.DeploymentStatus?.Healthy)
        updated.DeploymentStatus.ModifyIndex = index;
      put.alloc(updated);
      const job = store.jobs.get(jobKey(alloc.Namespace, alloc.JobID));
      const group = job?.TaskGroups.find((candidate) => candidate.Name === alloc.TaskGroup);
      if (!job || !group || updated.ClientStatus !== "failed" || alloc.FollowupEvalID !== "") return;
      if (alloc.ClientStatus !== "failed" && mayReschedule(alloc, group.ReschedulePolicy, clock.now()))
        put.evaluation(newEvaluation(store, job, "alloc-failure"));
    });
  };

  store.listen({
    alloc(alloc, before) {
      const entry = hosted.get(alloc.ID);
      if (!before) clock.after(chance.between(3, 12), () => host(alloc));
      else if (!entry) return;
      else if (isServerTerminal(alloc) && !isServerTerminal(before))
        clock.after(chance.between(3, 12), () => {
          if (!isDown(alloc)) entry.runner.stop();
        });
      else if (alloc.DeploymentID !== before.DeploymentID)
        clock.after(chance.between(3, 12), () => entry.runner.update(alloc));
    },
    changed(changes) {
      for (const { table, id } of changes) {
        const variable = table === "variables" ? store.shelf.variables.get(id) : undefined;
        if (variable === undefined) continue;
        for (const [allocId, { runner }] of hosted) {
          if (store.allocs.get(allocId)?.Namespace !== variable.Namespace) continue;
          for (const task of runner.tasks.values()) task.variable(variable.Path);
        }
      }
    },
    node(node) {
      if (node.Status === "down") away.add(node.ID);
      // back again: it hears what it has missed, and tells what the servers have missed
      if (node.Status === "down" || !away.delete(node.ID)) return;
      for (const alloc of store.allocs.values()) {
        const entry = alloc.NodeID === node.ID ? hosted.get(alloc.ID) : undefined;
        if (!entry) continue;
        if (isServerTerminal(alloc)) entry.runner.stop();
        schedule(alloc.ID);
      }
    },
  });

  return {
    runner: (id) => hosted.get(id)?.runner,
    signal(alloc, signal, task) {
      const runner = hosted.get(alloc.ID)?.runner;
      if (!runner) throw serverError(`Unknown allocation "${alloc.ID}"`);
      const one = runner.tasks.get(task);
      if (task !== "" && !one) throw serverError("Task not found");
      if (one && one.state.State !== "running") throw serverError("Task not running");
      for (const each of one ? [one] : runner.tasks.values()) if (each.state.State === "running") each.signal(signal);
    },
    async restart(alloc, task, all) {
      const runner = hosted.get(alloc.ID)?.runner;
      const known = store.allocs.get(alloc.ID) ?? alloc;
      if (!runner) throw serverError(`Unknown allocation "${alloc.ID}"`);
      if (task !== "") {
        const one = runner.tasks.get(task);
        if (!one) throw serverError(`Could not find task runner for task: ${task}`);
        if (one.state.State !== "running") throw serverError("Task not running");
        await new Promise<void>((exited) => one.restart("User requested task to restart", exited));
        return;
      }
      const over = isServerTerminal(known) || isClientTerminal({ ...known, ...runner.status() });
      if (over) throw serverError("restart of an alloc that should not run");
      const which = all ? "all" : "running";
      const chosen = [...runner.tasks.values()].filter(
        ({ state }) => state.State === "running" || (all && state.State === "dead"),
      );
      const reason = `User requested ${which} tasks to restart`;
      await Promise.all(chosen.map((one) => new Promise<void>((exited) => one.restart(reason, exited))));
    },
  };
}

/** What the servers learn of an allocation's health in its deployment. */
function healthOf(alloc: Allocation, runner: AllocRunner, status: Allocation["ClientStatus"]): DeploymentStatus | null {
  const before = alloc.DeploymentStatus;
  const said = (Healthy: boolean, Timestamp: string | null): DeploymentStatus => ({
    Healthy,
    Timestamp,
    Canary: before?.Canary ?? false,
    ModifyIndex: before?.ModifyIndex ?? 0,
  });
  if (runner.health && before?.Healthy !== runner.health.healthy)
    return said(runner.health.healthy, goTime(runner.health.at));
  if (status === "failed" && alloc.DeploymentID !== "" && (before?.Healthy ?? null) === null) return said(false, null);
  return before;
}
