import { isActive, isClientTerminal, isServerTerminal, isTerminal } from "../state/job-status.ts";
import type { TaskGroup } from "../state/job-types.ts";
import type { Allocation, Deployment } from "../state/types.ts";
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
    if (isActive(deployment)) decision.end = { deployment, status: "cancelled", description };
    return undefined;
  };
  if (!job || job.Stop) return cancel("Cancelled because job is stopped");
  if (deployment.JobCreateIndex !== job.CreateIndex || deployment.JobVersion !== job.Version)
    return cancel("Cancelled due to newer version of job");
  return deployment.Status === "successful" ? undefined : deployment;
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
  const sorted = sortAllocs(situation, deployment, all);
  const { migrate, lost, again } = sorted;
  desired.Ignore += sorted.ignored;
  desired.RescheduleLater = sorted.later.length;
  decision.later.push(...sorted.later);

  const names = createNames(situation.jobId, group, [...sorted.untainted, ...migrate, ...again, ...lost]);
  const stopped = stopSurplus(situation, decision, desired, group, names, sorted);
  const staying = sorted.untainted.filter((alloc) => !stopped.has(alloc));
  const { destructive, inplace, ignored } = updatesFor(situation, group, staying);
  desired.Ignore += ignored;
  desired.InPlaceUpdate = inplace.length;
  decision.inplace.push(...inplace);

  const place = placements(group, names, staying, migrate, again, lost);
  let room = updateRoom(group, deployment, staying, destructive.length + migrate.length);
  let placed: Placement[];
  if (halted) {
    // a failed or paused deployment places nothing but what was lost, or failed outside of it
    const others = place.filter((p) => p.reschedule && p.previous?.DeploymentID !== deployment?.ID);
    placed = [...place.filter((p) => p.previous && lost.includes(p.previous)), ...others];
    for (const { previous } of others)
      if (previous) decision.stop.push({ alloc: previous, description: STOPPED.rescheduled });
    desired.Stop += others.length;
    desired.Ignore += destructive.length;
  } else {
    placed = place;
    for (const alloc of again) decision.stop.push({ alloc, description: STOPPED.rescheduled });
    desired.Stop += again.length;
    room -= Math.min(place.length, room);
    const now = [...destructive].sort(byName).slice(0, room);
    desired.DestructiveUpdate = now.length;
    desired.Ignore += destructive.length - now.length;
    for (const alloc of now)
      decision.destructive.push({ name: alloc.Name, group, previous: alloc, replaces: STOPPED.updating });
  }
  desired.Place += placed.length;
  decision.place.push(...placed);
  desired.Migrate = migrate.length;
  for (const alloc of [...migrate].sort(byName)) {
    decision.stop.push({ alloc, description: STOPPED.migrating });
    const { Reschedule, MigrateDisablePlacement } = alloc.DesiredTransition;
    if (!(situation.batch && (Reschedule || MigrateDisablePlacement)))
      decision.place.push({ name: alloc.Name, group, previous: alloc });
  }
  const total = destructive.length + inplace.length + place.length;
  if (!state) beginDeployment(situation, decision, group, all, total, destructive.length + inplace.length);
  const busy =
    destructive.length + inplace.length + placed.length + migrate.length + again.length + sorted.later.length;
  return busy === 0 && (!state || state.HealthyAllocs >= state.DesiredTotal);
}
