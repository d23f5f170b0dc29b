import type { JobPlan } from "../../../endpoints/jobs.ts";
import type { DesiredUpdates } from "../../../endpoints/metric.ts";
import type { TypedJob } from "../file/typed-job.ts";

/** What a plan comes to for one group, in allocations, from the first step to the last. */
export interface PlannedGroup {
  readonly name: string;
  readonly created: number;
  /** Replaced with the first step. */
  readonly replaced: number;
  /** Replaced once the steps before are healthy: Nomad counts these as left alone. */
  readonly later: number;
  /** Of the new version, beside what runs. */
  readonly canaries: number;
  readonly inPlace: number;
  readonly stopped: number;
  readonly migrated: number;
  readonly unchanged: number;
  /** Those of them that fit nowhere now. */
  readonly unplaced: number;
}

/** True where the job would be another version, as far as a plan tells: its diff leaves some blocks out. */
export function changesJob({ Diff, Annotations }: JobPlan): boolean {
  const counts = Object.values(Annotations?.DesiredTGUpdates ?? {});
  const updates = counts.some((each) => each.InPlaceUpdate + each.DestructiveUpdate + each.Canary > 0);
  return Diff.Type !== "None" || updates;
}

/** The groups of a plan, sorted by name. None for a periodic or parameterized job, of which nothing runs itself. */
export function plannedGroups(reply: JobPlan, job: TypedJob): PlannedGroup[] {
  if (job.Periodic !== undefined || job.ParameterizedJob !== undefined) return [];
  const counts = Object.entries(reply.Annotations?.DesiredTGUpdates ?? {});
  return counts
    .map(([name, count]) => plannedGroup(name, count, reply, job))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function plannedGroup(name: string, count: DesiredUpdates, reply: JobPlan, job: TypedJob): PlannedGroup {
  const { Canary, DestructiveUpdate, Ignore, InPlaceUpdate, Migrate, Stop } = count;
  const everywhere = job.Type === "system" || job.Type === "sysbatch";
  // Each step replaces max_parallel of them, and what is not yet its turn is counted as ignored
  // (reconcile_cluster.go, computeDestructiveUpdates). Of a batch job those are the ones that have ended.
  const later = job.Type === "service" && changesJob(reply) ? Ignore : 0;
  const failed = reply.FailedTGAllocs?.[name];
  const waiting = failed === undefined ? 0 : failed.CoalescedFailures + 1;
  return {
    name,
    // Those that fit nowhere are counted in only where they are not one a node.
    created: everywhere ? createdEverywhere(count) + waiting : count.Place,
    // Where one runs on every node, the canaries are among them.
    replaced: everywhere ? Math.max(0, DestructiveUpdate - Canary) : DestructiveUpdate,
    later,
    canaries: Canary,
    inPlace: InPlaceUpdate,
    stopped: Stop,
    migrated: Migrate,
    unchanged: Ignore - later,
    unplaced: waiting,
  };
}

/**
 * Since system jobs have deployments (1.11), Place is on how many nodes one will be, those counted in where one is
 * (scheduler_system.go, tgCandidateNodeCounts). Older servers count the new ones, and no RescheduleNow.
 */
function createdEverywhere({ DestructiveUpdate, Ignore, InPlaceUpdate, Place, RescheduleNow }: DesiredUpdates): number {
  if (RescheduleNow === undefined) return Place;
  return Math.max(0, Place - DestructiveUpdate - Ignore - InPlaceUpdate);
}
