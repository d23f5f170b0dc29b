import { NomadError } from "../../../api/errors/errors.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import type { Job } from "../../../endpoints/job.ts";
import { type JobVersions, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { ago, fromNanoseconds } from "../../../text/time.ts";
import { lines, plural } from "../../../text/words.ts";
import { ifOffered } from "../../shared/next-step.ts";
import { diffLines } from "../plan/diff.ts";
import { stateOf } from "./present.ts";

const mostVersions = 3;
const mostLines = 4;

/** The refusal of a submission whose check index is not that of the job: what happened to the job since, and when. */
export async function unexpected(
  nomad: NomadClient,
  id: string,
  checkIndex: number,
  present: Job | undefined,
): Promise<Refusal> {
  const next = `Next: ${ifOffered("plan_job", "plan_job", "nomad job plan")} with the same file says what it would do now, and the index of now`;
  if (present === undefined) {
    return new Refusal(
      `There is no job ${id} in namespace ${nomad.namespace}, so check_index=${checkIndex} cannot fit; 0 asks that there be none. Nothing was submitted.`,
    );
  }
  const now = `${stateOf(present)}, index ${present.JobModifyIndex}`;
  if (checkIndex === 0) {
    return new Refusal(
      `There is a job ${id} already in namespace ${nomad.namespace} (${now}), and check_index=0 asks that there be none. Nothing was submitted.\n${next}`,
    );
  }
  const since = present.JobModifyIndex > checkIndex ? await versionsSince(nomad, present, checkIndex) : [];
  return new Refusal(
    lines(
      `${id} is not as it was at check_index=${checkIndex}: ${happened(nomad, present, checkIndex)}; its index is ${present.JobModifyIndex} now. Nothing was submitted.`,
      ...since,
      next,
    ),
  );
}

function happened(
  nomad: NomadClient,
  { CreateIndex, JobModifyIndex, SubmitTime, Version }: Job,
  index: number,
): string {
  if (JobModifyIndex < index) return "it has never had that index";
  const when = fromNanoseconds(SubmitTime);
  const submitted = `version ${Version} was submitted${when === undefined ? "" : ` ${ago(when, nomad.now())}`}`;
  return CreateIndex > index ? `it was removed and created anew since, and ${submitted}` : submitted;
}

/** What each version since then changed, newest first; nothing where that cannot be read. */
async function versionsSince(nomad: NomadClient, { ID, CreateIndex }: Job, index: number): Promise<string[]> {
  const { Versions, Diffs } = await readVersions(nomad, ID);
  const later = (Versions ?? []).filter(
    (version) => version.JobModifyIndex > index && version.CreateIndex === CreateIndex,
  );
  const told = later.slice(0, mostVersions).flatMap((version, at) => {
    const diff = Diffs?.[at];
    const when = fromNanoseconds(version.SubmitTime);
    const head = `Version ${version.Version}${when === undefined ? "" : `, ${ago(when, nomad.now())}`}`;
    return diff === undefined ? [] : [`${head}:`, ...diffLines(diff, mostLines).map((line) => `  ${line}`)];
  });
  return later.length > mostVersions ? [...told, `and ${plural(later.length - mostVersions, "version")} before`] : told;
}

async function readVersions(nomad: NomadClient, id: string): Promise<JobVersions> {
  try {
    return await nomad.get(jobs.versions, { job_id: id, diffs: true });
  } catch (error) {
    if (error instanceof NomadError && error.kind !== "cancelled") return { Versions: [], Diffs: null };
    throw error;
  }
}
