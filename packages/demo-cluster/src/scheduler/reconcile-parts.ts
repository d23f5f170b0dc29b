import { isDestructive } from "../job/changes.ts";
import { isServerTerminal, isTerminal } from "../state/job-status.ts";
import type { TaskGroup } from "../state/job-types.ts";
import type { Allocation, Deployment, DesiredUpdates } from "../state/types.ts";
import { describe } from "./canaries.ts";
import type { Decision, Placement, Situation } from "./decision.ts";
import { STOPPED } from "./decision.ts";
import type { Names } from "./names.ts";
import { isLost, type Sorted } from "./sort-allocs.ts";

/** Lowest index first. */
export function byName(a: Allocation, b: Allocation): number {
  const index = (alloc: Allocation) => Number(/\[(\d+)\]$/.exec(alloc.Name)?.[1] ?? 0);
  return index(a) - index(b);
}

/**
 * Stops what is lost and what the count no longer asks for, highest index first; first of all what promoted canaries have
 * come to replace. Canaries that wait for their promotion are beside the count.
 */
export function stopSurplus(
  situation: Situation,
  decision: Decision,
  desired: DesiredUpdates,
  group: TaskGroup,
  names: Names,
  { untainted, migrate, lost }: Sorted,
  { canaries, canarying }: { canaries: ReadonlySet<Allocation>; canarying: boolean },
): Set<Allocation> {
  const stopped = new Set<Allocation>();
  for (const alloc of lost) decision.stop.push({ alloc, description: STOPPED.lost, lost: true });
  desired.Stop += lost.length;
  const counted = canarying ? untainted.filter((alloc) => !canaries.has(alloc)) : untainted;
  let surplus = counted.length + migrate.length - group.Count;
  if (surplus <= 0) return stopped;
  const candidates = counted.filter((alloc) => !isServerTerminal(alloc));
  const promoted = new Set(canarying ? [] : [...canaries].map(({ Name }) => Name));
  const replaced = candidates.filter((alloc) => promoted.has(alloc.Name) && !canaries.has(alloc));
  const highest = names.highest(Math.max(0, surplus - replaced.length));
  const first = [...replaced, ...candidates.filter((alloc) => highest.has(alloc.Name) && !replaced.includes(alloc))];
  for (const alloc of [...first, ...candidates.filter((other) => !first.includes(other))]) {
    if (surplus-- <= 0) break;
    stopped.add(alloc);
    decision.stop.push({ alloc, description: STOPPED.notNeeded, lost: isLost(situation, alloc) });
  }
  desired.Stop += stopped.size;
  return stopped;
}

/** Which of the staying allocations the new job replaces, takes over or leaves alone. */
export function updatesFor({ job, inPlace }: Situation, group: TaskGroup, staying: readonly Allocation[]) {
  const destructive: Allocation[] = [];
  const inplace: Allocation[] = [];
  let ignored = 0;
  for (const alloc of staying) {
    if (!job || alloc.Job.JobModifyIndex === job.JobModifyIndex) ignored++;
    else if (isDestructive(alloc.Job, job, group.Name)) destructive.push(alloc);
    else if (isTerminal(alloc)) ignored++;
    else {
      const updated = inPlace(alloc, group);
      if (updated) inplace.push(updated);
      else destructive.push(alloc);
    }
  }
  return { destructive, inplace, ignored };
}

/** How many allocations may be replaced at once; none where the deployment `waits`. */
export function updateRoom(
  group: TaskGroup,
  deployment: Deployment | undefined,
  staying: readonly Allocation[],
  moving: number,
  waits: boolean,
): number {
  if (!group.Update || group.Update.MaxParallel === 0 || moving === 0) return group.Count;
  if (!deployment) return group.Update.MaxParallel;
  if (waits) return 0;
  let room = group.Update.MaxParallel;
  for (const alloc of staying) {
    if (alloc.DeploymentID !== deployment.ID) continue;
    const healthy = alloc.DeploymentStatus?.Healthy ?? null;
    if (healthy === false) return 0;
    if (healthy === null) room--;
  }
  return Math.max(0, room);
}

/** What the group lacks: replacements first, then new ones up to its count. */
export function placements(
  group: TaskGroup,
  names: Names,
  staying: readonly Allocation[],
  migrate: readonly Allocation[],
  again: readonly Allocation[],
  lost: readonly Allocation[],
): Placement[] {
  const place: Placement[] = again.map((previous) => ({ name: previous.Name, group, previous, reschedule: true }));
  let have = staying.length + migrate.length + again.length;
  for (const previous of lost) {
    if (have >= group.Count) break;
    have++;
    place.push({ name: previous.Name, group, previous });
  }
  for (const name of names.next(Math.max(0, group.Count - have))) place.push({ name, group });
  return place.slice(0, group.Count);
}

/** Begins a deployment, or adds the group to the one that begins, where this version is new to the group or changes it. */
export function beginDeployment(
  situation: Situation,
  decision: Decision,
  group: TaskGroup,
  all: readonly Allocation[],
  { total, updating, canaries }: { total: number; updating: number; canaries: number },
): void {
  const { job } = situation;
  if (!job || situation.batch || !group.Update || group.Update.MaxParallel === 0 || total === 0) return;
  const ran = all.some(
    (alloc) =>
      !isServerTerminal(alloc) && alloc.Job.Version === job.Version && alloc.Job.CreateIndex === job.CreateIndex,
  );
  if (ran && updating === 0) return;
  decision.begin ??= decision.current
    ? { ...decision.current, TaskGroups: { ...decision.current.TaskGroups } }
    : situation.newDeployment();
  decision.current = decision.begin;
  decision.begin.TaskGroups[group.Name] = {
    AutoRevert: group.Update.AutoRevert,
    AutoPromote: group.Update.AutoPromote,
    ProgressDeadline: group.Update.ProgressDeadline,
    RequireProgressBy: null,
    Promoted: false,
    PlacedCanaries: null,
    DesiredCanaries: canaries,
    DesiredTotal: total,
    PlacedAllocs: 0,
    HealthyAllocs: 0,
    UnhealthyAllocs: 0,
  };
  decision.begin.StatusDescription = describe(decision.begin);
}
