import { multierror, serverError } from "../errors.ts";
import { fromGoTime, goTime } from "../gotime.ts";
import { specChanged } from "../job/changes.ts";
import { newEvaluation } from "../state/fresh.ts";
import { isTerminal } from "../state/job-status.ts";
import type { Job } from "../state/job-types.ts";
import { jobKey, type Put, type Store } from "../state/store.ts";
import type { Allocation, Deployment } from "../state/types.ts";
import { needsPromotion } from "./canaries.ts";

/** What acting on a deployment comes to. */
export interface Acted {
  /** Empty where nothing is evaluated. */
  evalId: string;
  index: number;
  /** The version that the job goes back to. */
  reverted: number | undefined;
}

/** Writes what changes, with an evaluation of the job. */
function act(store: Store, deployment: Deployment, change: (put: Put) => void, reverted?: number): Acted {
  const job = jobOf(store, deployment);
  const evaluation = newEvaluation(store, job, "deployment-watcher", { DeploymentID: deployment.ID });
  const index = store.write((put) => {
    change(put);
    put.evaluation(evaluation);
  });
  return { evalId: evaluation.ID, index, reverted };
}

function jobOf(store: Store, deployment: Deployment): Job {
  const job = store.jobs.get(jobKey(deployment.Namespace, deployment.JobID));
  if (!job) throw serverError("deployment not found");
  return job;
}

/** The newest stable version, if the failed one is to make way for it and differs from it, and what is said of that. */
function rollback(store: Store, deployment: Deployment, description: string): { job?: Job; description: string } {
  const versions = store.versions.get(jobKey(deployment.Namespace, deployment.JobID)) ?? [];
  const failed = versions.find(({ Version }) => Version === deployment.JobVersion);
  const stable = versions.find(({ Stable }) => Stable);
  if (!stable) return { description: `${description} - no stable job version to auto revert to` };
  const to = `job version ${stable.Version}`;
  if (failed && specChanged(failed, stable))
    return { job: stable, description: `${description} - rolling back to ${to}` };
  const why = "as current job has same specification";
  return { description: `${description} - not rolling back to stable ${to} ${why}` };
}

/** Ends a deployment as failed; with `revert` the stable version is registered anew, as it was submitted then. */
export function failDeployment(store: Store, deployment: Deployment, reason: string, revert: boolean): Acted {
  return fail(store, deployment, reason, revert, () => {});
}

function fail(store: Store, deployment: Deployment, reason: string, revert: boolean, first: (put: Put) => void): Acted {
  const { job, description }: ReturnType<typeof rollback> = revert
    ? rollback(store, deployment, reason)
    : { description: reason };
  const change = (put: Put) => {
    first(put);
    const now = store.deployments.get(deployment.ID) ?? deployment;
    put.deployment({ ...now, Status: "failed", StatusDescription: description, ModifyTime: store.stamp() });
    if (job) put.job({ ...job });
  };
  return act(store, deployment, change, job?.Version);
}

/** Pauses a deployment, or lets it go on. */
export function pauseDeployment(store: Store, deployment: Deployment, pause: boolean): Acted {
  const Status = pause ? "paused" : "running";
  const StatusDescription = `Deployment is ${Status}`;
  const change = (put: Put) =>
    void put.deployment({ ...deployment, Status, StatusDescription, ModifyTime: store.stamp() });
  if (!pause) return act(store, deployment, change);
  return { evalId: "", index: store.write(change), reverted: undefined };
}

/** Promotes the canaries of some groups, or of all. A group that there is not is promoted with success, and without effect. */
export function promoteDeployment(store: Store, deployment: Deployment, chosen: (group: string) => boolean): Acted {
  const now = store.stamp();
  const groups = Object.entries(deployment.TaskGroups).filter(([name]) => chosen(name));
  const canaries = groups.flatMap(([, { PlacedCanaries }]) => PlacedCanaries ?? []);
  const healthy = canaries.flatMap((id) => store.allocs.get(id) ?? []).filter(isHealthy);
  const errors = groups.flatMap(([name, { DesiredCanaries: need }]) => {
    const have = healthy.filter(({ TaskGroup }) => TaskGroup === name).length;
    return have < need ? [`Task group ${JSON.stringify(name)} has ${have}/${need} healthy allocations`] : [];
  });
  if (errors.length > 0) throw serverError(multierror(errors));
  const promoted = { ...deployment, TaskGroups: { ...deployment.TaskGroups }, ModifyTime: now };
  for (const [name, group] of groups) {
    const restarts = group.ProgressDeadline > 0 && fromGoTime(group.RequireProgressBy) > 0;
    const RequireProgressBy = restarts ? goTime(now + group.ProgressDeadline) : group.RequireProgressBy;
    promoted.TaskGroups[name] = { ...group, Promoted: true, RequireProgressBy };
  }
  if (promoted.Status === "running" && !needsPromotion(promoted)) promoted.StatusDescription = "Deployment is running";
  return act(store, deployment, (put) => {
    put.deployment(promoted);
    for (const alloc of healthy)
      if (alloc.DeploymentStatus) {
        const DeploymentStatus = { ...alloc.DeploymentStatus, Canary: false, ModifyIndex: store.index };
        put.alloc({ ...alloc, DeploymentStatus, AllocModifyIndex: store.index });
      }
  });
}

/** It runs and is healthy. */
export function isHealthy(alloc: Allocation): boolean {
  return !isTerminal(alloc) && alloc.DeploymentStatus?.Healthy === true;
}

/** Says of allocations whether they are healthy. One that is not fails the deployment at once. */
export function setAllocationHealth(
  store: Store,
  deployment: Deployment,
  { healthy, unhealthy }: { healthy: readonly string[]; unhealthy: readonly string[] },
): Acted {
  const now = store.stamp();
  const said = (id: string, Healthy: boolean): Allocation => {
    const alloc = store.allocs.get(id);
    if (!alloc) throw serverError(`unknown alloc ${JSON.stringify(id)}`);
    if (alloc.DeploymentID !== deployment.ID)
      throw serverError(`alloc ${JSON.stringify(id)} is not part of deployment ${JSON.stringify(deployment.ID)}`);
    const { Canary = false } = alloc.DeploymentStatus ?? {};
    const DeploymentStatus = { Canary, Healthy, Timestamp: goTime(now), ModifyIndex: store.index + 1 };
    return { ...alloc, DeploymentStatus, ModifyTime: now };
  };
  const bad = unhealthy.map((id) => said(id, false));
  const allocs = [...healthy.map((id) => said(id, true)), ...bad];
  const first = (put: Put) => {
    for (const alloc of allocs) put.alloc(alloc);
  };
  if (bad.length === 0) return act(store, deployment, first);
  const revert = bad.some(({ TaskGroup }) => deployment.TaskGroups[TaskGroup]?.AutoRevert);
  return fail(store, deployment, "Failed due to unhealthy allocations", revert, first);
}
