import type { AllocationStub, TaskEvent } from "../../endpoints/allocations.ts";

/** True for what a restart leaves that somebody asked for; a failing check and a template signal theirs in other words. */
export function isRestartOrder({ Type, DisplayMessage }: TaskEvent): boolean {
  return Type === "Restart Signaled" && /^User requested/.test(DisplayMessage);
}

/**
 * When somebody last asked for a restart of one of these allocations, in nanoseconds since the epoch; 0 where none of their
 * events tells of one. It stays while tasks crash and start again by themselves.
 */
export function lastRestartOrder(found: readonly Pick<AllocationStub, "TaskStates">[]): number {
  const states = found.flatMap(({ TaskStates }) => Object.values(TaskStates ?? {}));
  const orders = states.flatMap(({ Events }) => Events ?? []).filter(isRestartOrder);
  return Math.max(0, ...orders.map(({ Time }) => Time));
}
