import { type Allocation, allocations, type File } from "../../../endpoints/allocations.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { Answer } from "../../../text/answer.ts";
import { table } from "../../../text/table.ts";
import { age, fromGoTime } from "../../../text/time.ts";
import { bytes, plural, short } from "../../../text/words.ts";
import { listStep, orNoFile, readStep } from "./file-errors.ts";
import { pathIn } from "./path.ts";

/** So many entries are shown at most. */
export const most = 500;

/** One entry, as answers and programs are told of it. */
interface Entry {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
  /** In bytes. */
  readonly size: number;
}

/**
 * The entries of a folder of an allocation, folders first, at most `limit` of them. One request.
 *
 * @throws Refusal where there is no such folder.
 */
export async function listFiles(
  nomad: NomadClient,
  allocation: Allocation,
  folder: string,
  limit: number,
): Promise<Answer> {
  const path = pathIn(folder);
  const { ID, JobID, Namespace } = allocation;
  const reading = nomad.get(allocations.files, { allocation_id: ID, path });
  const found = (await orNoFile(nomad, allocation, path, reading)).toSorted(inOrder);
  const shown = found.slice(0, limit);
  const entries = shown.map(entryOf);
  const [first] = entries.filter(({ kind, size }) => kind === "file" && size > 0);
  const [inner] = entries.filter(({ kind }) => kind === "folder");
  const below = (name: string) => pathIn(`${path}/${name}`);
  const left = found.length - shown.length;
  return {
    headline: `${path} of ${short(ID)} (${JobID}): ${contents(found)}${left > 0 ? `, ${shown.length} shown` : ""}`,
    sections: [shown.length > 0 && `\n${rows(shown, nomad.now())}`],
    next: [
      ...(first ? [readStep(nomad, allocation, below(first.name))] : []),
      ...(first === undefined && inner ? [listStep(nomad, allocation, below(inner.name))] : []),
      ...(left > 0 ? [`limit=${Math.min(found.length, most)} shows more`] : []),
    ],
    data: { allocation_id: ID, job_id: JobID, namespace: Namespace, folder: path, entries, total: found.length },
  };
}

function inOrder(one: File, other: File): number {
  return Number(other.IsDir) - Number(one.IsDir) || (one.Name < other.Name ? -1 : 1);
}

function entryOf({ Name, Size, IsDir, FileMode }: File): Entry {
  const kind = IsDir ? "folder" : FileMode.startsWith("L") ? "link" : FileMode.startsWith("-") ? "file" : "other";
  return { name: Name, kind, size: Size };
}

function contents(found: readonly File[]): string {
  if (found.length === 0) return "empty";
  const folders = found.filter(({ IsDir }) => IsDir).length;
  const files = found.length - folders;
  return [folders > 0 && plural(folders, "folder"), files > 0 && plural(files, "file")].filter(Boolean).join(", ");
}

function rows(found: readonly File[], now: number): string {
  const cells = found.map((file) => {
    const { name, kind, size } = entryOf(file);
    const changed = fromGoTime(file.ModTime);
    return [
      kind === "folder" ? `${name}/` : name,
      kind === "file" ? bytes(size) : kind === "other" ? "no file" : kind === "link" ? "link" : "",
      changed === undefined ? "" : age(changed, now),
    ];
  });
  return table(["name", "size", "changed"], cells);
}
