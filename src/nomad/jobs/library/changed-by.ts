import type { Job } from "../../../endpoints/job.ts";
import { type JobVersion, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { ago, fromNanoseconds } from "../../../text/time.ts";
import { ifGiven } from "../../shared/parts.ts";
import { scalingLines } from "../versions/scaling.ts";
import { versionsAgainst } from "../versions/versions.ts";

/**
 * What made the present version of a job, as far as Nomad keeps it: a revert, scaling, or a submission. "version 7, submitted
 * 5m ago", "version 7, 5m ago, as version 4 was (a revert)".
 */
export async function changedBy(nomad: NomadClient, job: Job): Promise<string> {
  const [history, scale] = await Promise.all([
    ifGiven(versionsAgainst(nomad, job.ID, job.Version)),
    ifGiven(nomad.get(jobs.scaleStatus, { job_id: job.ID })),
  ]);
  const versions = history?.versions ?? [];
  const when = ago(fromNanoseconds(job.SubmitTime) ?? nomad.now(), nomad.now());
  const name = `version ${job.Version}`;
  const copied = versions.find(({ Version, SubmitTime }) => Version < job.Version && SubmitTime === job.SubmitTime);
  // Where Nomad itself goes back, it keeps the time of the version to which it went.
  if (copied !== undefined) return `${name}, to which Nomad went back by itself: it is version ${copied.Version}`;
  const scaled = scale && scalingLines(scale, versions, nomad.now()).get(job.Version)?.find(isOfThis);
  if (scaled !== undefined) return `${name}, ${when}: ${scaled}`;
  const same = versions.find((each) => isSame(each, job, history?.diffs.get(each.Version)?.Type));
  if (same !== undefined)
    return `${name}, ${when}, as version ${same.Version} was (a revert, or its file submitted again)`;
  return `${name}, submitted ${when}`;
}

/** What the version was made by says no time of its own. */
const isOfThis = (line: string) => line.includes(" scaled ") && !line.includes(" ago");

/** An older version that is as the present one: not the one right before it, since then nothing would have changed. */
function isSame({ Version }: JobVersion, job: Job, difference: string | undefined): boolean {
  return Version < job.Version - 1 && difference === "None";
}
