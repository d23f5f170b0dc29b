import { isParameterized, type Job } from "./job-types.ts";
import type { Store } from "./store.ts";
import type { Allocation, Deployment } from "./types.ts";

/** The server or the client says that it is over. */
export function isTerminal(alloc: Allocation): boolean {
  return isServerTerminal(alloc) || isClientTerminal(alloc);
}

/** It is meant to stop. */
export function isServerTerminal(alloc: Allocation): boolean {
  return alloc.DesiredStatus !== "run";
}

/** It has stopped. */
export function isClientTerminal(alloc: Allocation): boolean {
  return alloc.ClientStatus === "complete" || alloc.ClientStatus === "failed" || alloc.ClientStatus === "lost";
}

/** A deployment that is not over. */
export function isActive(deployment: Deployment): boolean {
  return deployment.Status === "running" || deployment.Status === "paused";
}

/** What Nomad calls the status of a job: running says that something is left to do, not that it is well. */
export function jobStatus(store: Store, job: Job): string {
  if (job.Type === "system" || job.Periodic || isParameterized(job)) return job.Stop ? "dead" : "running";
  const own = (other: { Namespace: string; JobID: string }) =>
    other.JobID === job.ID && other.Namespace === job.Namespace;
  for (const deployment of store.deployments.values()) if (own(deployment) && isActive(deployment)) return "running";
  for (const alloc of store.allocs.values()) if (own(alloc) && !isTerminal(alloc)) return "running";
  let evaluated = false;
  for (const evaluation of store.evals.values()) {
    if (!own(evaluation)) continue;
    if (evaluation.Status === "pending") return "pending";
    if (evaluation.Status !== "blocked") evaluated = true;
    else return "pending";
  }
  return evaluated || job.Stop ? "dead" : "pending";
}
