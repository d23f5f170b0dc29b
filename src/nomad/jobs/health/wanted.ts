import { NomadError } from "../../../api/errors/errors.ts";
import { type JobStatuses, type JobStub, jobs as jobRoutes } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";

/** What the rows of `/v1/jobs` do not have of a job: how much of it is wanted, and how its deployment stands. */
export interface Wanted {
  /** So many allocations of it should run. */
  readonly count: number;
  readonly running: number;
  /** "failed": that of its present version; "waits": its canaries are well, and somebody has to promote them. */
  readonly deployment: "active" | "waits" | "paused" | "failed" | undefined;
}

/** The reply carries every allocation that is kept of a job, of 190 to 270 bytes: so many are asked for together. */
const mostAllocations = 1_000;

/** The key under which {@link readWanted} tells of a job. */
export const wantedKey = ({ Namespace, ID }: { readonly Namespace: string; readonly ID: string }) =>
  `${Namespace}\n${ID}`;

/**
 * Reads what is wanted of the services among the jobs, in one request. Of those with a long past nothing is read: the
 * summary counts every allocation that there ever was, so it bounds the reply. Empty where the token may not, or Nomad
 * does not know the route (before 1.8).
 */
export async function readWanted(nomad: NomadClient, jobs: readonly JobStub[]): Promise<Map<string, Wanted>> {
  let room = mostAllocations;
  const asked = jobs
    .filter(
      ({ Type, Stop, Periodic, ParameterizedJob }) => Type === "service" && !Stop && !Periodic && !ParameterizedJob,
    )
    .map((job) => ({ job, past: allocationsEver(job) }))
    .toSorted((one, other) => one.past - other.past)
    .flatMap(({ job: { Namespace, ID }, past }) => {
      room -= past;
      return room >= 0 ? [{ Namespace, ID }] : [];
    });
  if (asked.length === 0) return new Map();
  try {
    const found = await nomad.ask(jobRoutes.statuses, {}, { Jobs: asked, IncludeChildren: true });
    return new Map(found.map((job) => [wantedKey(job), wantedOf(job)]));
  } catch (error) {
    if (error instanceof NomadError && error.kind !== "cancelled") return new Map();
    throw error;
  }
}

function allocationsEver({ JobSummary: summary }: JobStub): number {
  const groups = Object.values(summary?.Summary ?? {});
  const of = ({ Complete, Failed, Lost, Running, Starting, Unknown = 0 }: (typeof groups)[number]) =>
    Complete + Failed + Lost + Running + Starting + Unknown;
  return groups.reduce((sum, group) => sum + of(group), 0);
}

function wantedOf({ GroupCountSum, Allocs, LatestDeployment: latest, Version }: JobStatuses): Wanted {
  const running = (Allocs ?? []).filter(({ ClientStatus }) => ClientStatus === "running");
  const canaries = running.filter(
    ({ DeploymentStatus, JobVersion }) => DeploymentStatus.Canary && JobVersion === Version,
  );
  const ready = canaries.length > 0 && canaries.every(({ DeploymentStatus }) => DeploymentStatus.Healthy === true);
  const waits = latest?.IsActive && latest.RequiresPromotion && !latest.AllAutoPromote && ready;
  const own = latest?.JobVersion === Version ? latest.Status : undefined;
  return {
    count: GroupCountSum,
    // Until they are promoted, canaries run beside what is wanted.
    running: running.length - (latest?.RequiresPromotion ? canaries.length : 0),
    deployment: waits ? "waits" : own === "paused" || own === "failed" ? own : latest?.IsActive ? "active" : undefined,
  };
}
