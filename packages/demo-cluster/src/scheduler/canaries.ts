import type { TaskGroup } from "../state/job-types.ts";
import type { Allocation, Deployment, DeploymentGroup, DesiredUpdates } from "../state/types.ts";
import { type Decision, type Placement, type Situation, STOPPED } from "./decision.ts";
import type { Names } from "./names.ts";
import { isLost } from "./sort-allocs.ts";

/** Whether a group's canaries still wait to be promoted: until then nothing else of the new version is placed. */
export function isCanarying(state: DeploymentGroup | undefined): boolean {
  return state !== undefined && state.DesiredCanaries > 0 && !state.Promoted;
}

/** Whether a deployment waits for somebody, or for its canaries' health, to promote it. */
export function needsPromotion({ TaskGroups }: Deployment): boolean {
  return Object.values(TaskGroups).some(isCanarying);
}

/** What a deployment that begins says of itself. */
export function describe(deployment: Deployment): string {
  if (!needsPromotion(deployment)) return "Deployment is running";
  const all = Object.values(deployment.TaskGroups).filter(({ DesiredCanaries }) => DesiredCanaries > 0);
  return all.every(({ AutoPromote }) => AutoPromote)
    ? "Deployment is running pending automatic promotion"
    : "Deployment is running but requires manual promotion";
}

function placedCanaries(deployment: Deployment | undefined, which: (state: DeploymentGroup) => boolean): string[] {
  const states = Object.values(deployment?.TaskGroups ?? {}).filter(which);
  return states.flatMap(({ PlacedCanaries }) => PlacedCanaries ?? []);
}

/**
 * Stops the canaries of a deployment that has failed or made way for another, and those that would have to move. Gives the
 * ones that stay, and the group's allocations without those that are stopped.
 */
export function sortCanaries(
  situation: Situation,
  decision: Decision,
  desired: DesiredUpdates,
  all: readonly Allocation[],
): { canaries: ReadonlySet<Allocation>; rest: Allocation[] } {
  const { current, old } = decision;
  const unpromoted = (state: DeploymentGroup) => !state.Promoted;
  const unneeded = new Set([
    ...placedCanaries(old, unpromoted),
    ...(current?.Status === "failed" ? placedCanaries(current, unpromoted) : []),
  ]);
  const own = new Set(placedCanaries(current, () => true));
  const canaries = new Set<Allocation>();
  const rest: Allocation[] = [];
  for (const alloc of all) {
    const live = alloc.DesiredStatus === "run";
    if (live && unneeded.has(alloc.ID)) {
      decision.stop.push({ alloc, description: STOPPED.notNeeded });
      desired.Stop++;
    } else if (live && own.has(alloc.ID) && isLost(situation, alloc))
      decision.stop.push({ alloc, description: STOPPED.lost, lost: true });
    else if (live && own.has(alloc.ID) && alloc.DesiredTransition.Migrate)
      decision.stop.push({ alloc, description: STOPPED.migrating });
    else {
      rest.push(alloc);
      if (live && own.has(alloc.ID)) canaries.add(alloc);
    }
  }
  return { canaries, rest };
}

/** How many canaries a group lacks: it has some only where allocations have to be replaced. */
export function lackingCanaries(
  group: TaskGroup,
  state: DeploymentGroup | undefined,
  destructive: readonly Allocation[],
  canaries: ReadonlySet<Allocation>,
): number {
  if (destructive.length === 0 || state?.Promoted) return 0;
  return Math.max(0, (group.Update?.Canary ?? 0) - canaries.size);
}

/** New canaries, named after what they will replace. */
export function placeCanaries(
  group: TaskGroup,
  count: number,
  names: Names,
  destructive: readonly Allocation[],
  canaries: ReadonlySet<Allocation>,
): Placement[] {
  const existing = new Set([...canaries].map(({ Name }) => Name));
  const free = names.canaries(
    count,
    destructive.map(({ Name }) => Name),
    existing,
  );
  return free.map((name) => ({ name, group, canary: true }));
}

/** As what an allocation is placed: in place of a canary as one, and beside waiting canaries as the version before them. */
export function asCanaryOrOlder(placement: Placement, canarying: boolean): Placement {
  const canary = placement.previous?.DeploymentStatus?.Canary ?? false;
  return { ...placement, canary, older: canarying && !canary };
}
