import { dirname } from "node:path/posix";
import { Refusal } from "../../../api/errors/refusal.ts";
import type { KeptFile, Library } from "../../../library/library.ts";
import { notWritable } from "../../../library/save.ts";
import { plainPath } from "../../../library/source.ts";
import { unseal } from "../../../text/sealed.ts";
import { withFiles } from "../file/file-calls.ts";
import { mergedVariables } from "../file/hcl-names.ts";

/** A job file of the library, read for a cluster. */
export interface KeptText {
  /** As it stands in the file. */
  readonly source: string;
  /** Stands for the source. */
  readonly digest: string;
  /** As Nomad's parser gets it: with what its `file("...")` read. */
  readonly text: string;
  /** Values of its variables, as tfvars text, and the addresses of the files that they are in. */
  readonly variables: string;
  readonly variableFiles: readonly string[];
}

/** What a library is, seen from one cluster. */
export interface LibraryView {
  readonly library: Library;
  /** The name of the cluster. */
  readonly cluster: string;
}

/** @throws Refusal where there is no library. */
export function libraryOf(library: Library | undefined): Library {
  if (library !== undefined) return library;
  throw new Refusal("This server has no library of job files: its settings file names none in [library].");
}

/** Reads a job file. @throws Refusal where it, or what it reads, cannot be read. */
export async function readKept(view: LibraryView, file: KeptFile): Promise<KeptText> {
  const { text: source, digest } = await view.library.read(file);
  return { source, digest, ...(await readText(view, file, source)) };
}

/** A text that is to be read in the place of a file. @throws Refusal where what it reads cannot be read. */
export async function readText(
  { library, cluster }: LibraryView,
  file: KeptFile,
  source: string,
): Promise<Omit<KeptText, "source" | "digest">> {
  const variables = await library.variablesOf(file, cluster);
  const folder = dirname(unseal(file.path));
  const read = async (path: string) => {
    const address = `${file.source.name}/${folder}/${path}`;
    return await file.source.read(plainPath(`${folder}/${path}`, address));
  };
  return {
    text: isJson(source) ? source : await withFiles(source, read),
    variables: mergedVariables(variables.map((each) => each.text)),
    variableFiles: variables.map(({ address }) => address),
  };
}

/** Where a file is that may be written. */
export interface Place extends KeptFile {
  readonly library: Library;
  /** Its text; undefined where it is not there yet. */
  read(): Promise<string | undefined>;
}

/**
 * Where a call wants a file to be: the exact address of one that is there, or one for a new file, in a place of the library
 * and of a name that its patterns know.
 *
 * @throws Refusal where that is no place for a job file, or may not be written.
 */
export async function placeOf(maybe: Library | undefined, given: string): Promise<Place> {
  const library = libraryOf(maybe);
  const file = await library.place(given);
  if (file.source.write === "off" || file.source.folder === undefined) throw notWritable(file.source);
  const { files } = await library.list();
  const isThere = files.some(({ address }) => unseal(address) === unseal(file.address));
  return { ...file, library, read: async () => (isThere ? (await library.read(file)).text : undefined) };
}

const isJson = (text: string) => unseal(text).trimStart().startsWith("{");
