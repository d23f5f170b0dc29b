import type { Task, TaskGroup } from "../state/job-types.ts";
import type { Allocation } from "../state/types.ts";
import { events } from "./events.ts";
import { NO_WATCH, watchHealth } from "./health.ts";
import { createTaskRunner, type Surroundings, type TaskRunner } from "./task-runner.ts";

/** What an allocation is called in its own configuration, as far as tests ask. */
function interpolated(config: Task["Config"], { ID, Name }: Allocation): Task["Config"] {
  const index = /\[(\d+)\]$/.exec(Name)?.[1] ?? "0";
  const known: Record<string, string> = { NOMAD_ALLOC_ID: ID, NOMAD_ALLOC_INDEX: index, NOMAD_ALLOC_NAME: Name };
  const filled = (text: string) => text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => known[name] ?? whole);
  const entries = Object.entries(config ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === "string" ? filled(value) : value]));
}

/** An allocation on its client. */
export interface AllocRunner {
  readonly tasks: ReadonlyMap<string, TaskRunner>;
  /** Healthy, unhealthy or not known, and since when (ns). */
  readonly health: { healthy: boolean; at: number } | undefined;
  /** The server has changed it in place: another deployment wants to know anew whether it is healthy. */
  update(alloc: Allocation): void;
  /** Ends all of its tasks, sidecars last. */
  stop(): void;
  status(): { ClientStatus: Allocation["ClientStatus"]; ClientDescription: string };
}

/** Starts the tasks of an allocation in the order of their lifecycle. `changed` is called whenever there is news. */
export function startAlloc(
  around: Surroundings,
  alloc: Allocation,
  group: TaskGroup,
  changed: () => void,
): AllocRunner {
  let health: { healthy: boolean; at: number } | undefined;
  let deployment = alloc.DeploymentID;
  let stopped = false;
  let killing = false;
  let settling = false;
  let dirty = false;
  const runners = new Map<string, TaskRunner>();
  const all = () => [...runners.values()];
  const hook = (runner: TaskRunner) => runner.task.Lifecycle?.Hook ?? "main";
  const sidecar = (runner: TaskRunner) => runner.task.Lifecycle?.Sidecar ?? false;
  const dead = (runner: TaskRunner) => runner.state.State === "dead";

  /** Every change may be another task's cue; what it leads to changes tasks again, so one pass at a time. */
  const news = () => {
    dirty = true;
    if (settling) return;
    settling = true;
    while (dirty) {
      dirty = false;
      startReady();
      endLosers();
    }
    settling = false;
    watch.look();
    changed();
  };
  const startReady = () => {
    const prestart = all().filter((runner) => hook(runner) === "prestart");
    const main = all().filter((runner) => hook(runner) === "main");
    const prepared = prestart.every((runner) =>
      sidecar(runner) ? runner.state.State === "running" : dead(runner) && !runner.state.Failed,
    );
    const mainUp = main.every((runner) => runner.state.StartedAt !== null);
    const mainDone = main.every(dead);
    for (const runner of all()) {
      if (runner.begun || (stopped && hook(runner) !== "poststop")) continue;
      const turn = { prestart: true, main: prepared, poststart: mainUp, poststop: mainDone }[hook(runner)] ?? true;
      if (turn) runner.begin();
    }
  };
  const endLosers = () => {
    if (killing) return;
    const counted = all().filter((runner) => hook(runner) !== "poststop");
    const live = counted.filter((runner) => !dead(runner));
    if (live.length === 0) return;
    const failed = counted.find((runner) => runner.state.Failed && dead(runner));
    const leader = counted.find((runner) => runner.task.Leader && dead(runner));
    const onlySidecars = live.every(sidecar) && counted.some((runner) => !sidecar(runner));
    if (!failed && !leader && !onlySidecars) return;
    for (const runner of live) {
      if (failed) runner.note(events.siblingFailed(around.stamp(), failed.task.Name));
      else if (leader) runner.note(events.leaderDead(around.stamp()));
      else runner.note(events.mainDead(around.stamp()));
    }
    killAll();
  };
  const killAll = () => {
    killing = true;
    const order = (runner: TaskRunner) => (runner.task.Leader ? 0 : sidecar(runner) ? 2 : 1);
    const live = all().filter((runner) => hook(runner) !== "poststop" && !dead(runner));
    for (const runner of live.sort((a, b) => order(a) - order(b))) runner.kill();
  };

  settling = true;
  for (const task of group.Tasks) {
    const own = { ...task, Config: interpolated(task.Config, alloc) };
    runners.set(task.Name, createTaskRunner(around, own, alloc.Job, news));
  }
  settling = false;
  let watch = NO_WATCH;
  const watchFor = ({ Job, DeploymentID }: Allocation) => {
    watch.stop();
    const group = Job.TaskGroups.find((candidate) => candidate.Name === alloc.TaskGroup);
    if (!group || !["service", "system"].includes(Job.Type)) return;
    watch = watchHealth(around.clock, group, DeploymentID !== "", all(), (healthy, why) => {
      health = { healthy, at: around.stamp() };
      settling = true;
      for (const [runner, message] of why) runner.note(events.unhealthy(around.stamp(), message));
      settling = false;
      changed();
    });
  };
  watchFor(alloc);
  news();

  return {
    tasks: runners,
    get health() {
      return health;
    },
    update(updated) {
      if (updated.DeploymentID === deployment) return;
      deployment = updated.DeploymentID;
      health = undefined;
      watchFor(updated);
      watch.look();
    },
    stop() {
      stopped = true;
      watch.stop();
      killAll();
    },
    status() {
      const states = all().map((runner) => runner.state);
      if (states.some((state) => state.State === "dead" && state.Failed))
        return { ClientStatus: "failed", ClientDescription: "Failed tasks" };
      if (states.some((state) => state.State === "running"))
        return { ClientStatus: "running", ClientDescription: "Tasks are running" };
      if (states.some((state) => state.State === "pending"))
        return { ClientStatus: "pending", ClientDescription: "No tasks have started" };
      return { ClientStatus: "complete", ClientDescription: "All tasks have completed" };
    },
  };
}
