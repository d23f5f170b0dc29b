import pMap from "p-map";
import { Refusal } from "../../../api/errors/refusal.ts";
import type { KeptFile, Library } from "../../../library/library.ts";
import { unseal } from "../../../text/sealed.ts";
import { type JobHeading, jobHeading } from "../file/job-heading.ts";

/** A file of the library, and the job that it seems to be; `heading` is undefined where that cannot be told. */
export interface KeptJob {
  readonly file: KeptFile;
  readonly heading: JobHeading | undefined;
}

/** The job files of a library, and what could not be looked at, in sentences. */
export interface KeptJobs {
  readonly jobs: readonly KeptJob[];
  readonly troubles: readonly string[];
}

/** So many files are read at a time. */
const atATime = 8;

/**
 * The job files of a library, without asking Nomad: of `*.hcl` those that hold a job, of those whose name says that they are
 * job files every one. In the order of their addresses.
 */
export async function keptJobs(library: Library): Promise<KeptJobs> {
  const { files, troubles } = await library.list();
  const found = await pMap(files, (file) => keptJob(library, file), { concurrency: atATime });
  const jobs = found.flatMap((each) => each ?? []);
  return { jobs: jobs.toSorted((one, other) => (addressOf(one) < addressOf(other) ? -1 : 1)), troubles };
}

async function keptJob(library: Library, file: KeptFile): Promise<KeptJob | undefined> {
  let heading: JobHeading | undefined;
  try {
    heading = jobHeading((await library.read(file)).text);
  } catch (error) {
    // What cannot be read is said where its state is: it may be too large, or gone meanwhile.
    if (!(error instanceof Refusal)) throw error;
  }
  return heading !== undefined || saysSo(unseal(file.path)) ? { file, heading } : undefined;
}

/** Whether a file's name says that it is a job file. */
const saysSo = (path: string) => /\.nomad(\.hcl|\.json)?$/.test(path);

/** A page of job files: it begins with the first whose address is not before the cursor, so that it holds when files come. */
export function pageOf(
  jobs: readonly KeptJob[],
  cursor: string | undefined,
  limit: number,
): { readonly rows: readonly KeptJob[]; readonly next: string | undefined } {
  const left = cursor === undefined ? jobs : jobs.filter((job) => addressOf(job) >= unseal(cursor));
  return { rows: left.slice(0, limit), next: left[limit]?.file.address };
}

const addressOf = ({ file }: KeptJob) => unseal(file.address);
