import { isActive, isClientTerminal, isServerTerminal, isTerminal } from "../state/job-status.ts";
import type { TaskGroup } from "../state/job-types.ts";
import type { Allocation, Deployment } from "../state/types.ts";
import { asCanaryOrOlder, isCanarying, lackingCanaries, placeCanaries, sortCanaries } from "./canaries.ts";
import { type Decision, noUpdates, type Placement, type Situation, STOPPED } from "./decision.ts";
import { createNames } from "./names.ts";
import { beginDeployment, byName, placements, stopSurplus, updateRoom, updatesFor } from "./reconcile-parts.ts";
import { isLost, sortAllocs } from "./sort-allocs.ts";

/** Compares what runs with what should. */
export function reconcile(situation: Situation): Decision {
  const { job, allocs } = situation;
  const decision: Decision = {
    place: [],
    destructive: [],
    stop: [],
    inplace: [],
    later: [],
    desired: {},
    current: undefined,
    old: undefined,
    begin: undefined,
    end: undefined,
  };
  const current = currentDeployment(situation, decision);
  decision.current = current;
  const groups = new Map<string, Allocation[]>();
  for (const group of job?.TaskGroups ?? []) groups.set(group.Name, []);
  for (const alloc of allocs) groups.set(alloc.TaskGroup, [...(groups.get(alloc.TaskGroup) ?? []), alloc]);
  if (!job || job.Stop) {
    for (const [name, all] of groups) {
      const live = all.filter((alloc) => !isTerminal(alloc));
      decision.desired[name] = { ...noUpdates(), Stop: live.length };
      stopAll(situation, live, decision);
    }
    return decision;
  }
  let complete = true;
  for (const [name, all] of groups) {
    const group = job.TaskGroups.find((candidate) => candidate.Name === name);
    if (!reconcileGroup(situation, decision, name, group, all)) complete = false;
  }
  if (current && complete && current.Status === "running")
    decision.end = { deployment: current, status: "successful", description: "Deployment completed successfully" };
  return decision;
}

/** The deployment that this version of the job is in, if any; one of an older version or of a stopped job is cancelled. */
function currentDeployment({ job, deployment }: Situation, decision: Decision): Deployment | undefined {
  if (!deployment) return undefined;
  const cancel = (description: string) => {
    decision.old = deployment;
    if (isActive(deployment)) decision.end = { deployment, status: "cancelled", description };
    return undefined;
  };
  if (!job || job.Stop) return cancel("Cancelled because job is stopped");
  if (deployment.JobCreateIndex !== job.CreateIndex || deployment.JobVersion !== job.Version)
    return cancel("Cancelled due to newer version of job");
  if (deployment.Status !== "successful") return deployment;
  decision.old = deployment;
  return undefined;
}

function stopAll(situation: Situation, live: readonly Allocation[], decision: Decision): void {
  for (const alloc of live) {
    const lost = isLost(situation, alloc);
    decision.stop.push({ alloc, description: lost ? STOPPED.lost : STOPPED.notNeeded, lost });
  }
}

/** Decides for one group; says whether the deployment has nothing left to do here. */
function reconcileGroup(
  situation: Situation,
  decision: Decision,
  name: string,
  group: TaskGroup | undefined,
  all: readonly Allocation[],
): boolean {
  const desired = noUpdates();
  decision.desired[name] = desired;
  if (!group || group.Count === 0) {
    const live = all.filter((alloc) => !isServerTerminal(alloc));
    desired.Stop = live.length;
    stopAll(
      situation,
      live.filter((alloc) => !isClientTerminal(alloc)),
      decision,
    );
    return true;
  }
  const deployment = decision.current;
  const state = deployment?.TaskGroups[name];
  const halted = deployment?.Status === "failed" || deployment?.Status === "paused";
  const { canaries, rest } = sortCanaries(situation, decision, desired, all);
  const sorted = sortAllocs(situation, deployment, rest);
  const { migrate, lost, again } = sorted;
  desired.Ignore += sorted.ignored;
  desired.RescheduleLater = sorted.later.length;
  decision.later.push(...sorted.later);

  const names = createNames(situation.jobId, group, [...sorted.untainted, ...migrate, ...again, ...lost]);
  const waiting = isCanarying(state);
  const stopped = stopSurplus(situation, decision, desired, group, names, sorted, { canaries, canarying: waiting });
  const staying = sorted.untainted.filter((alloc) => !stopped.has(alloc));
  const { destructive, inplace, ignored } = updatesFor(situation, group, staying);
  desired.Ignore += ignored;
  desired.InPlaceUpdate = inplace.length;
  decision.inplace.push(...inplace);

  const lacking = lackingCanaries(group, state, destructive, canaries);
  const canarying = waiting || lacking > 0;
  const placed: Placement[] = [];
  if (lacking > 0 && !halted) {
    desired.Canary = lacking;
    placed.push(...placeCanaries(group, lacking, names, destructive, canaries));
  }
  const counted = waiting ? staying.filter((alloc) => !canaries.has(alloc)) : staying;
  const place = placements(group, names, counted, migrate, again, lost).map((one) => asCanaryOrOlder(one, canarying));
  const ready = !halted && !canarying;
  const room = updateRoom(group, deployment, counted, destructive.length + migrate.length, !ready);
  if (ready) {
    placed.push(...place);
    for (const alloc of again) decision.stop.push({ alloc, description: STOPPED.rescheduled });
    desired.Stop += again.length;
    const now = [...destructive].sort(byName).slice(0, room - Math.min(place.length, room));
    desired.DestructiveUpdate = now.length;
    desired.Ignore += destructive.length - now.length;
    for (const alloc of now)
      decision.destructive.push({ name: alloc.Name, group, previous: alloc, replaces: STOPPED.updating });
  } else {
    // until it goes on nothing is placed but what was lost, or failed outside of a failed deployment
    const failed = deployment?.Status === "failed" ? deployment.ID : undefined;
    const others = place.filter((p) => p.reschedule && (!failed || p.previous?.DeploymentID !== failed));
    placed.push(...place.filter((p) => p.previous && lost.includes(p.previous)), ...others);
    for (const { previous } of others)
      if (previous) decision.stop.push({ alloc: previous, description: STOPPED.rescheduled });
    desired.Stop += others.length;
    desired.Ignore += destructive.length;
  }
  desired.Place += placed.length - desired.Canary;
  decision.place.push(...placed);
  desired.Migrate = migrate.length;
  for (const alloc of [...migrate].sort(byName)) {
    decision.stop.push({ alloc, description: STOPPED.migrating });
    const { Reschedule, MigrateDisablePlacement } = alloc.DesiredTransition;
    if (!(situation.batch && (Reschedule || MigrateDisablePlacement)))
      decision.place.push(asCanaryOrOlder({ name: alloc.Name, group, previous: alloc }, canarying));
  }
  const updating = destructive.length + inplace.length;
  const total = updating + place.length;
  const wanted = lacking > 0 ? (group.Update?.Canary ?? 0) : 0;
  if (!state) beginDeployment(situation, decision, group, rest, { total, updating, canaries: wanted });
  const busy = updating + placed.length + migrate.length + again.length + sorted.later.length + lacking;
  return (
    busy === 0 && !waiting && (!state || state.HealthyAllocs >= Math.max(state.DesiredTotal, state.DesiredCanaries))
  );
}
