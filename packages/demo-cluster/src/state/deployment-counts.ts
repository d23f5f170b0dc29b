import { fromGoTime, goTime } from "../gotime.ts";
import type { Allocation, Deployment } from "./types.ts";

/** A deployment after one of its allocations was placed or its health became known; undefined where nothing changes. */
export function deploymentAfterAlloc(
  deployment: Deployment | undefined,
  alloc: Allocation,
  before: Allocation | undefined,
  index: number,
): Deployment | undefined {
  const group = deployment?.TaskGroups[alloc.TaskGroup];
  if (!deployment || !group) return undefined;
  const was = before?.DeploymentID === alloc.DeploymentID ? (before.DeploymentStatus?.Healthy ?? null) : null;
  const is = alloc.DeploymentStatus?.Healthy ?? null;
  const placed = before?.DeploymentID === alloc.DeploymentID ? 0 : 1;
  const turned = placed === 0 && was === true && is === false;
  const healthy = placed === 0 && was === null && is === true ? 1 : turned ? -1 : 0;
  const unhealthy = (placed === 0 && was === null && is === false) || turned ? 1 : 0;
  if (placed === 0 && healthy === 0 && unhealthy === 0) return undefined;
  if (alloc.DeploymentStatus && healthy + unhealthy !== 0) alloc.DeploymentStatus.ModifyIndex = index;
  const known = group.PlacedCanaries ?? [];
  const canary = alloc.DeploymentStatus?.Canary && !known.includes(alloc.ID) ? [alloc.ID] : [];
  let deadline = fromGoTime(group.RequireProgressBy);
  if (group.ProgressDeadline > 0) {
    if (placed > 0 && deadline === 0) deadline = alloc.ModifyTime + group.ProgressDeadline;
    else if (healthy > 0)
      deadline = Math.max(deadline, fromGoTime(alloc.DeploymentStatus?.Timestamp ?? null) + group.ProgressDeadline);
  }
  return {
    ...deployment,
    ModifyTime: alloc.ModifyTime,
    TaskGroups: {
      ...deployment.TaskGroups,
      [alloc.TaskGroup]: {
        ...group,
        PlacedCanaries: canary.length > 0 ? [...known, ...canary] : group.PlacedCanaries,
        PlacedAllocs: group.PlacedAllocs + placed,
        HealthyAllocs: group.HealthyAllocs + healthy,
        UnhealthyAllocs: group.UnhealthyAllocs + unhealthy,
        RequireProgressBy: goTime(deadline),
      },
    },
  };
}
