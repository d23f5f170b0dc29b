import pMap from "p-map";
import { Refusal } from "../../../api/errors/refusal.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { unseal } from "../../../text/sealed.ts";
import { type Judged, judgeFile } from "./judge-file.ts";
import { type LibraryView, readKept } from "./kept-file.ts";
import type { KeptJob } from "./kept-jobs.ts";

/** A job file, and how its job is in the cluster. */
export interface JudgedJob {
  readonly job: KeptJob;
  readonly judged: Judged;
}

/** So many files are parsed and planned at a time. */
const atATime = 8;

/** How the jobs of some files are in the cluster. */
export async function judgeAll(nomad: NomadClient, view: LibraryView, jobs: readonly KeptJob[]): Promise<JudgedJob[]> {
  const home = nomad.namespace === "*" ? nomad.in(nomad.home) : nomad;
  return await pMap(jobs, async (job) => ({ job, judged: await judge(home, view, job) }), { concurrency: atATime });
}

async function judge(nomad: NomadClient, view: LibraryView, { file }: KeptJob): Promise<Judged> {
  try {
    return await judgeFile(nomad, await readKept(view, file));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { state: "does not parse", why: error.message.split("\n", 1)[0] ?? "" };
  }
}

/** Those files whose jobs are of the client's namespace: a file that names none is of the home one. */
export function ofNamespace({ home, namespace }: NomadClient, jobs: readonly KeptJob[]): readonly KeptJob[] {
  if (namespace === "*") return jobs;
  return jobs.filter(({ heading }) => unseal(heading?.namespace ?? home) === namespace);
}

const mostComplaints = 5;

/** Why files are not parsed, refused or not known, a line each. */
export function complaints(rows: readonly JudgedJob[]): string[] {
  const told = rows.filter(({ judged }) => judged.why !== undefined);
  const lines = told.slice(0, mostComplaints).map(({ job, judged }) => `${job.file.address}: ${judged.why}`);
  return told.length > lines.length ? [...lines, `and ${told.length - lines.length} more with faults`] : lines;
}
