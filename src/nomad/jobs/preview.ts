import { type JobSummary, jobs } from "../../endpoints/jobs.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { lines, plural, some } from "../../text/words.ts";
import { type Preview, placeLines, stampOf } from "../shared/preview.ts";
import { readPresent } from "./file/present.ts";
import { orMissing } from "./find.ts";
import { regionsOf } from "./regions.ts";

/**
 * What a change of a job is about: the job as it is now, its namespace, its cluster and what of it runs. `what`: what
 * would be done to it, as a sentence. A job that does not exist yet is said to be new. The stamp is its modify index, and where it is.
 */
export async function previewJob(nomad: NomadClient, id: string, what: string): Promise<Preview> {
  const summary = await orMissing(nomad.get(jobs.summary, { job_id: id }));
  // Read last: a change that is sent upon this comes right behind it.
  const job = await readPresent(nomad, id);
  return {
    text: lines(
      what,
      `  job: ${id} (${job === undefined ? "new: there is none of that id" : `${job.Type}, version ${job.Version}${job.Stop ? ", stopped" : ""}`})`,
      ...placeLines(nomad),
      job && `  allocations: ${living(summary)}`,
      job && regionsOf(job).length > 0 && `  regions: in this one only, of ${some(regionsOf(job), 10)}`,
    ),
    stamp: stampOf(nomad, nomad.namespace, id, job?.CreateIndex ?? 0, job?.JobModifyIndex ?? 0),
  };
}

/** What runs now, by group where there are several. */
function living(summary: JobSummary | undefined): string {
  const groups = Object.entries(summary?.Summary ?? {}).map(([name, { Running, Starting }]) => ({
    name,
    live: Running + Starting,
  }));
  const live = groups.reduce((sum, group) => sum + group.live, 0);
  const { Running = 0, Pending = 0 } = summary?.Children ?? {};
  const each =
    groups.length > 1 && live > 0 ? ` (${groups.map((group) => `${group.name} ${group.live}`).join(", ")})` : "";
  const children = Running + Pending > 0 ? `; ${plural(Running + Pending, "child runs", "children run")}` : "";
  return `${live === 0 ? "none run" : `${plural(live, "runs", "run")}${each}`}${children}`;
}
