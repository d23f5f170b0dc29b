import type { AllocationStub, TaskEvent } from "../../endpoints/allocations.ts";
import { ago, fromGoTime, fromNanoseconds, span } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { all, short } from "../../text/words.ts";
import { finishes, type JobState } from "../jobs/health/job-state.ts";
import type { Trouble, TroubleKind } from "./trouble-kinds.ts";

// Troubles of a whole allocation that are no failure of a task: it waits, was late, is out of sight, was killed, or runs on.

/** A pending allocation is asked what it waits for after this long, in ms. */
const patience = 5_000;
/** So far the clocks of servers and nodes may be apart, ms. */
const clockError = 1_000;

export function whole(allocation: AllocationStub, kind: TroubleKind, what: string, more: Partial<Trouble>): Trouble {
  const usual = {
    kind,
    times: undefined,
    task: undefined,
    outlook: undefined,
    present: true,
    repeats: false,
    continues: false,
    logged: false,
  };
  return { allocation, what, ...usual, ...more };
}

/**
 * An allocation whose tasks should all run and do not yet: what it waits for. It calls itself running as soon as its
 * first task does, be that one only there to prepare the others.
 */
export function waiting(allocation: AllocationStub, now: number): Trouble | undefined {
  const created = fromNanoseconds(allocation.CreateTime) ?? now;
  const states = Object.entries(allocation.TaskStates ?? {});
  const incomplete = allocation.ClientStatus === "pending" || states.some(([, { State }]) => State === "pending");
  if (!incomplete || now - created < patience) return undefined;
  const since = span(now - created);
  if (states.length === 0)
    return whole(allocation, "waits", `has not been taken by its node for ${since}`, { continues: true });
  const running = states.find(([, task]) => task.State === "running");
  const idle = states.find(([, task]) => task.State === "pending");
  if (running && idle) {
    const runs = span(now - (fromGoTime(running[1].StartedAt) ?? created));
    const what = `task ${idle[0]} waits for task ${running[0]}, which has been running for ${runs}`;
    return whole(allocation, "waits", what, { continues: true, task: running[0], logged: true });
  }
  const [task, taskState] = idle ?? states[0] ?? ["", undefined];
  // That it is unhealthy says no more than that it has not started.
  const last = taskState?.Events?.findLast((event) => !saysUnhealthy(event));
  const said = last ? `${last.Type}: ${quotedLine(last.DisplayMessage)}` : "no event yet";
  return whole(allocation, "waits", `task ${task} has not started for ${since} (${said})`, { continues: true, task });
}

/** An allocation that runs, but was not healthy in the time that its deployment gave it, or that somebody marked as unhealthy. */
export function unhealthy(allocation: AllocationStub, state: JobState): Trouble | undefined {
  if (allocation.DeploymentStatus?.Healthy !== false) return undefined;
  const over = { present: false, continues: true };
  if (isMarked(allocation, state)) {
    return whole(allocation, "marked", "runs, but was marked as unhealthy by hand", over);
  }
  const said = Object.entries(allocation.TaskStates ?? {}).flatMap(([task, { Events }]) => {
    const event = Events?.findLast(saysUnhealthy);
    return event ? [`${task}: ${quotedLine(event.DisplayMessage)}`] : [];
  });
  // A task that had not even started held the others up.
  const slow = said.find((each) => each.includes("not running by"));
  const telling = slow ?? said[0];
  const what = `runs, but was not healthy in time${telling ? ` (${telling})` : ""}`;
  return whole(allocation, slow === undefined ? "unhealthy" : "late", what, over);
}

const saysUnhealthy = ({ Type }: TaskEvent) => Type === "Alloc Unhealthy";

/**
 * True of one that somebody said to be unhealthy (`/v1/deployment/allocation-health`), and not its client: that writes an event
 * to each task because of which it does. It writes none where checks of the group fail, and those it gives up at the deadline
 * (client/allochealth/tracker.go, TaskEvents).
 */
export function isMarked(allocation: AllocationStub, { job, deployments: [newest] }: JobState): boolean {
  const { DeploymentStatus: health, JobVersion, TaskGroup } = allocation;
  const at = fromGoTime(health?.Timestamp);
  if (health?.Healthy !== false || at === undefined) return false;
  if (newest?.JobVersion !== JobVersion || job.Version !== JobVersion) return false;
  // One that a drain moved is judged without a deployment, and without an event.
  const judged = (newest.TaskGroups?.[TaskGroup]?.UnhealthyAllocs ?? 0) > 0;
  if (!judged || at > (fromNanoseconds(newest.ModifyTime) ?? 0) + clockError) return false;
  const tasks = Object.values(allocation.TaskStates ?? {});
  if (tasks.length === 0 || tasks.some(({ Events }) => Events?.some(saysUnhealthy))) return false;
  const group = job.TaskGroups?.find(({ Name }) => Name === TaskGroup);
  const isChecked = group?.Services?.some(({ Checks }) => (Checks ?? []).length > 0) === true;
  if (!isChecked || group.Update?.HealthCheck === "manual") return true;
  const deadline = (fromNanoseconds(allocation.CreateTime) ?? at) + (group.Update?.HealthyDeadline ?? 0) / 1e6;
  return at < deadline - clockError;
}

/**
 * Batch work whose main tasks are done but for some that run on: an allocation ends only when all of them have, so that
 * one which is only there to help keeps the job from its end.
 */
export function lingering(allocation: AllocationStub, { job, nomad }: JobState): Trouble | undefined {
  if (!finishes(job) || allocation.ClientStatus !== "running") return undefined;
  const group = job.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
  const main = (group?.Tasks ?? []).filter(({ Lifecycle }) => !Lifecycle);
  const states = main.flatMap(({ Name }) => {
    const state = allocation.TaskStates?.[Name];
    return state ? [{ Name, ...state }] : [];
  });
  const done = states.filter(({ State, Failed }) => State === "dead" && !Failed);
  const live = states.filter(({ State }) => State === "running");
  const ended = Math.max(...done.map(({ FinishedAt }) => fromGoTime(FinishedAt) ?? 0));
  if (done.length === 0 || live.length === 0 || nomad.now() - ended < patience) return undefined;
  const names = (tasks: readonly { Name: string }[]) => all(tasks.map(({ Name }) => Name));
  const what = `task ${names(done)} finished ${ago(ended, nomad.now())}, and ${names(live)} ${live.length === 1 ? "runs" : "run"} on`;
  const [task] = live.map(({ Name }) => Name);
  return whole(allocation, "lingers", what, {
    continues: true,
    task,
    outlook: `it ends only when ${names(live)} does`,
  });
}

/** What `disconnect` says of an allocation whose node is disconnected: when it counts as lost, and is replaced. */
export function untilLost(allocation: AllocationStub, { job, nomad }: JobState): string | undefined {
  const { Disconnect: policy } = job.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup) ?? {};
  if (policy?.Replace !== false || policy.LostAfter === 0) return undefined;
  const lostAfter = policy.LostAfter / 1e6;
  const left = (fromNanoseconds(allocation.ModifyTime) ?? nomad.now()) + lostAfter - nomad.now();
  const when = left > 0 ? `for another ${span(left)}` : "yet";
  return `no replacement is started ${when} (lost_after = ${span(lostAfter)}, replace = false)`;
}

/**
 * True of batch work that a drain killed and nothing runs again: since 1.10.6 and 1.11.0 it keeps its place, and its job
 * ends as if it had succeeded (operator-observed.md §1).
 */
export function isKilledByDrain(allocation: AllocationStub, { job, current }: JobState): boolean {
  const { DesiredTransition: transition, Name, JobVersion } = allocation;
  const again = current.some((each) => each.Name === Name && each.JobVersion >= JobVersion);
  return finishes(job) && transition?.MigrateDisablePlacement === true && !again;
}

export function drained(allocation: AllocationStub): Trouble {
  const node = allocation.NodeName || short(allocation.NodeID);
  return whole(allocation, "drained", `was killed by the drain of node ${node} before it was done`, {
    outlook: "Nomad does not run it again by itself",
  });
}
