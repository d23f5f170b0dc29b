import type { AllocationStub, TaskEvent } from "../../endpoints/allocations.ts";

/** True for what a restart leaves that somebody asked for; a failing check and a template signal theirs in other words. */
export function isRestartOrder({ Type, DisplayMessage }: TaskEvent): boolean {
  return Type === "Restart Signaled" && /^User requested/.test(DisplayMessage);
}

/** True for what a signal leaves that somebody sent; that of a template has words of its own. */
export function isSignalOrder({ Type, DisplayMessage }: TaskEvent): boolean {
  return Type === "Signaling" && /^Task being sent/.test(DisplayMessage);
}

/**
 * When somebody last ordered that of one of these allocations, in nanoseconds since the epoch; 0 where none of their events
 * tells of it. It stays while tasks crash and start again by themselves.
 */
export function lastOrder(
  found: readonly Pick<AllocationStub, "TaskStates">[],
  isOrder: (event: TaskEvent) => boolean,
): number {
  const states = found.flatMap(({ TaskStates }) => Object.values(TaskStates ?? {}));
  const orders = states.flatMap(({ Events }) => Events ?? []).filter(isOrder);
  return Math.max(0, ...orders.map(({ Time }) => Time));
}
