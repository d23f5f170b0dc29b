import type { AllocationStub } from "../../endpoints/allocations.ts";
import type { NodeStub } from "../../endpoints/nodes.ts";

/** What nodes have and allocations take, and how it is read of both. */
export interface Dimension {
  readonly unit: "MB" | "MHz";
  readonly name: "memory" | "CPU";
  /** What the scheduler may give away: without what the client keeps for itself. */
  ofNode(node: NodeStub): number;
  ofTask(task: { readonly Cpu: { CpuShares: number }; readonly Memory: { MemoryMB: number } }): number;
}

export const memory: Dimension = {
  unit: "MB",
  name: "memory",
  ofNode: ({ NodeResources, ReservedResources }) =>
    (NodeResources?.Memory.MemoryMB ?? 0) - (ReservedResources?.Memory.MemoryMB ?? 0),
  ofTask: ({ Memory }) => Memory.MemoryMB,
};
export const cpu: Dimension = {
  unit: "MHz",
  name: "CPU",
  ofNode: ({ NodeResources, ReservedResources }) =>
    (NodeResources?.Cpu.CpuShares ?? 0) - (ReservedResources?.Cpu.CpuShares ?? 0),
  ofTask: ({ Cpu }) => Cpu.CpuShares,
};

/** What an allocation takes: tasks that only prepare the others do not count beside them (structs, Comparable). */
export function taken(resources: AllocationStub["AllocatedResources"], { ofTask }: Dimension): number {
  let [preparing, main, sidecars] = [0, 0, 0];
  for (const [name, task] of Object.entries(resources?.Tasks ?? {})) {
    const life = resources?.TaskLifecycles?.[name];
    if (life?.Sidecar) sidecars += ofTask(task);
    else if (life?.Hook === "prestart") preparing += ofTask(task);
    else if (!life?.Hook) main += ofTask(task);
  }
  return Math.max(preparing, main) + sidecars;
}

/** What of a dimension is free on a node where `live` is all that has not ended there. */
export function freeOn(node: NodeStub, live: readonly AllocationStub[], dimension: Dimension): number {
  return live.reduce((left, each) => left - taken(each.AllocatedResources, dimension), dimension.ofNode(node));
}
