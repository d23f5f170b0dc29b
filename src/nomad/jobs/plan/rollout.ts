import { span } from "../../../text/time.ts";
import { grouped, plural } from "../../../text/words.ts";
import type { TypedGroup, TypedJob } from "../file/typed-job.ts";
import type { PlannedGroup } from "./planned-groups.ts";

/** How a group's new version is rolled out, with Nomad's defaults. Durations in ms. */
export interface Update {
  /** 0: all at once, and nothing is waited for. */
  readonly maxParallel: number;
  readonly canaries: number;
  readonly autoPromote: boolean;
  readonly autoRevert: boolean;
  readonly minHealthyTime: number;
  readonly progressDeadline: number;
}

/** The update block of a group, what it leaves out taken from the job's, else from Nomad (api/jobs.go, DefaultUpdateStrategy). */
export function updateOf(job: TypedJob, group: TypedGroup | undefined): Update {
  const [own, all] = [group?.Update, job.Update];
  const ms = (nanoseconds: number | undefined, usual: number) =>
    nanoseconds === undefined ? usual : nanoseconds / 1e6;
  return {
    maxParallel: own?.MaxParallel ?? all?.MaxParallel ?? 1,
    canaries: own?.Canary ?? all?.Canary ?? 0,
    autoPromote: own?.AutoPromote ?? all?.AutoPromote ?? false,
    autoRevert: own?.AutoRevert ?? all?.AutoRevert ?? false,
    minHealthyTime: ms(own?.MinHealthyTime ?? all?.MinHealthyTime, 10_000),
    progressDeadline: ms(own?.ProgressDeadline ?? all?.ProgressDeadline, 600_000),
  };
}

/** In which order a group's allocations are replaced, as a sentence; undefined where nothing is replaced. */
export function rolloutSentence(job: TypedJob, planned: PlannedGroup): string | undefined {
  const update = updateOf(
    job,
    job.TaskGroups.find(({ Name }) => Name === planned.name),
  );
  const all = planned.replaced + planned.later;
  if (all + planned.canaries === 0) return undefined;
  if (job.Type === "batch" || job.Type === "sysbatch" || update.maxParallel === 0) {
    return `${all === 1 ? "the one there is" : `all ${grouped(all)} are`} stopped and replaced at once`;
  }
  if (planned.canaries > 0) return canarySentence(planned, update);
  const first = planned.created > 0 && job.Type === "service" ? `${grouped(planned.created)} new first, then ` : "";
  if (all === 1) {
    return `${first}the one that runs is stopped as its replacement starts, so that it does not serve meanwhile; ${onFailure(update)}`;
  }
  if (update.maxParallel >= all) {
    return `${first}all ${grouped(all)} are replaced at once, so that none serves meanwhile; ${onFailure(update)}`;
  }
  return `${first}${grouped(all)} are replaced ${grouped(update.maxParallel)} at a time, each healthy for ${span(update.minHealthyTime)} before the next; ${onFailure(update)}`;
}

function canarySentence({ canaries, later, replaced }: PlannedGroup, update: Update): string {
  const rest = later + replaced;
  const promotion = update.autoPromote
    ? `once healthy for ${span(update.minHealthyTime)} promoted automatically`
    : "once healthy it waits for somebody to promote it";
  const pace = update.maxParallel < rest ? `, ${grouped(update.maxParallel)} at a time` : "";
  return `${plural(canaries, "canary", "canaries")} first, ${promotion}; then ${rest === 1 ? "the other one gives" : `the other ${grouped(rest)} give`} way${pace}; ${onFailure(update)}`;
}

/** Nomad gives up once nothing has become healthy for as long as progress_deadline says (deployment_watcher.go). */
function onFailure({ autoRevert, progressDeadline }: Update): string {
  const then = autoRevert ? "it goes back to the last stable version" : "it stops half-way (auto_revert is off)";
  return progressDeadline === 0
    ? `at the first that is unhealthy ${then}`
    : `without progress for ${span(progressDeadline)} ${then}`;
}
