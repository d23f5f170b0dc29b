import { Refusal } from "../../../api/errors/refusal.ts";
import type { Library } from "../../../library/library.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { bytes } from "../../../text/words.ts";
import { mergedVariables } from "../file/hcl-names.ts";
import { type JobFile, readJobFile } from "../file/job-file.ts";
import { refuseMasked } from "../file/masked-values.ts";
import { historyOf } from "./histories.ts";
import { libraryOf, readKept } from "./kept-file.ts";
import { type Origin, originLine, originOf, withOrigin } from "./origin.ts";

/** The arguments of a tool that takes a job file: its text, or where it is in the library. */
export interface GivenFileArguments {
  readonly job_file?: string | undefined;
  readonly file?: string | undefined;
  readonly format?: "hcl" | "json" | undefined;
  readonly variables?: string | undefined;
  readonly namespace?: string | undefined;
}

/** Where it is read: the team's job files, if there are, and the name of the cluster. */
export interface Reading {
  readonly library?: Library | undefined;
  readonly cluster: string;
}

/** A job file of either kind. */
export interface ReadFile extends JobFile {
  /** What it is for a person: "a job file of 2.1 KB", or where it is from. */
  readonly what: string;
}

/**
 * Reads the job file of a call. Where it is one of the library, its notes say which and of which commit, and its job has that
 * in its meta where the operator wants it there.
 *
 * @throws Refusal as {@link readJobFile}, {@link refuseMasked} and {@link Library.find}, and where the call gives none, or two.
 */
export async function readGivenFile(
  nomad: NomadClient,
  { job_file: text, file: address, ...given }: GivenFileArguments,
  { library: maybe, cluster }: Reading,
): Promise<ReadFile> {
  if (text !== undefined && address === undefined) {
    const read = await readJobFile(nomad, { ...given, text });
    await refuseMasked(nomad, read, { job_file: text, variables: given.variables });
    return { ...read, what: `a job file of ${bytes(Buffer.byteLength(text))}` };
  }
  if (address === undefined || text !== undefined) {
    throw new Refusal("Give a job_file or a file of the library, and not both. Nothing was submitted.");
  }
  const library = libraryOf(maybe);
  const found = await library.find(address);
  const kept = await readKept({ library, cluster }, found);
  const variables = mergedVariables([kept.variables, given.variables ?? ""]);
  const read = await readJobFile(nomad, { ...given, variables, text: kept.text });
  await refuseMasked(nomad, read, { variables: given.variables });
  const origin = await originOf(found, await historyOf(found.source));
  const line = originLine(origin, nomad.now());
  return {
    ...read,
    job: library.settings.meta ? withOrigin(read.job, origin) : read.job,
    what: line,
    notes: [`From ${line}.`, ...troubles(origin), ...read.notes],
  };
}

const troubles = ({ trouble }: Origin) => (trouble === undefined ? [] : [trouble]);
