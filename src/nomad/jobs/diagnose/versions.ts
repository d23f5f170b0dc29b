import type { Job } from "../../../endpoints/job.ts";
import type { JobDiff } from "../../../endpoints/job-diff.ts";
import type { JobVersion } from "../../../endpoints/jobs.ts";
import { age, ago, fromNanoseconds } from "../../../text/time.ts";
import { diffLines } from "../plan/diff.ts";
import type { Versions } from "../versions/versions.ts";

/** So many lines of a difference are shown. */
const mostLines = 3;
/** A change of a job that is well is news for this long, in ms. */
const news = 24 * 3_600_000;
/** A job that was not changed for this long, in ms, fails for another reason. */
const settled = 3_600_000;

/** The newest version before `version` that was deployed with success. */
export function workedBefore({ versions }: Versions, version: number): JobVersion | undefined {
  return versions.find((each) => each.Version < version && each.Stable && !each.Stop);
}

/** What is different, in few lines. That a job was stopped and started is told as what happened to it. */
function linesOf(diffs: readonly JobDiff[]): string[] {
  const all = diffs.flatMap((diff) => diffLines(diff)).filter((line) => !line.startsWith("stop: "));
  const rest = all.length - mostLines;
  return [...all.slice(0, mostLines), ...(rest > 0 ? [`and ${rest} more`] : [])];
}

/**
 * What the version that fails has changed of the last one that worked, a line each, the first of which says between
 * which; that the job was not changed, where it was not; none where there is nothing to compare with.
 */
export function changesTo(version: number, known: Versions | undefined, job: Job, now: number): string[] {
  const submitted = fromNanoseconds(job.SubmitTime) ?? now;
  const all = known?.versions ?? [];
  const at = all.findIndex((each) => each.Version === version);
  const [failing, previous] = [all[at], all[at + 1]];
  const unchanged = now - submitted > settled ? [`nothing in the job for ${age(submitted, now)}`] : [];
  if (known === undefined || failing === undefined || previous === undefined) return version === 0 ? unchanged : [];
  const worked = workedBefore(known, version);
  const when = fromNanoseconds(failing.SubmitTime);
  // A version that was deployed well and fails now is not why, nor is an old one of a job that is not deployed.
  const proven = failing.Stable || (worked === undefined && now - (when ?? now) > news);
  if (proven && unchanged.length > 0) return unchanged;
  const base = worked ?? previous;
  const lines = linesOf(all.slice(at, all.indexOf(base)).flatMap(({ Version }) => known.diffs.get(Version) ?? []));
  if (lines.length === 0) return [];
  const good = worked ? `version ${worked.Version}, which was stable` : `version ${previous.Version}`;
  const head = `version ${version}${when ? ` (${ago(when, now)})` : ""} against ${good}:`;
  return [head, ...lines];
}

/** What the newest version changed, of a job that is well: only while that is news. */
export function recentChange(known: Versions | undefined, job: Job, now: number): string[] {
  const submitted = fromNanoseconds(job.SubmitTime) ?? 0;
  const diff = known?.diffs.get(job.Version);
  if (diff === undefined || now - submitted > news) return [];
  const lines = linesOf([diff]);
  return lines.length > 0 ? [`version ${job.Version} (${ago(submitted, now)}):`, ...lines] : [];
}
