import type { AllocationStub, TaskEvent } from "../../../endpoints/allocations.ts";
import type { Deployment } from "../../../endpoints/deployments.ts";
import type { GroupSummary, JobSummary } from "../../../endpoints/jobs.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { grouped } from "../../../text/words.ts";

/** The total over all groups of what `count` gives of each. */
export function summed(summary: JobSummary | undefined, count: (group: GroupSummary) => number): number {
  return Object.values(summary?.Summary ?? {}).reduce((total, group) => total + count(group), 0);
}

/**
 * How far a change is, for people who watch it: "placing 3 of 5 · node-2: Downloading image · healthy 1 of 5". `newest`: the
 * newest allocations with their task states, as they were last seen.
 */
export function progress(
  deployment: Deployment | undefined,
  summary: JobSummary | undefined,
  newest: readonly AllocationStub[],
): string {
  const doing = preparing(newest);
  if (deployment === undefined) {
    const running = `${grouped(summed(summary, (group) => group.Running))} running`;
    const starting = `${grouped(summed(summary, (group) => group.Starting))} starting`;
    return [running, starting, doing].filter(Boolean).join(" · ");
  }
  const total = { placed: 0, healthy: 0, wanted: 0 };
  for (const group of Object.values(deployment.TaskGroups ?? {})) {
    total.wanted += group.DesiredTotal;
    // Its counters go on counting what was replaced.
    total.placed += Math.min(group.PlacedAllocs, group.DesiredTotal);
    total.healthy += Math.min(group.HealthyAllocs, group.DesiredTotal);
  }
  const placing = `placing ${grouped(total.placed)} of ${grouped(total.wanted)}`;
  return [placing, doing, `healthy ${grouped(total.healthy)} of ${grouped(total.wanted)}`].filter(Boolean).join(" · ");
}

/** What the newest allocation that is not running yet is at: "node-2: Downloading image". */
function preparing(newest: readonly AllocationStub[]): string | undefined {
  const waiting = newest.filter(
    ({ ClientStatus, DesiredStatus }) => ClientStatus === "pending" && DesiredStatus === "run",
  );
  const last = (allocation: AllocationStub): TaskEvent | undefined =>
    Object.values(allocation.TaskStates ?? {})
      .flatMap(({ Events }) => Events?.at(-1) ?? [])
      .sort((one, other) => other.Time - one.Time)[0];
  for (const allocation of waiting) {
    const event = last(allocation);
    if (event !== undefined && event.Type !== "Started")
      return `${allocation.NodeName}: ${quotedLine(event.DisplayMessage || event.Type, 80)}`;
  }
  return undefined;
}
