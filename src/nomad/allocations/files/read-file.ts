import { Refusal } from "../../../api/errors/refusal.ts";
import { type Allocation, allocations, type StatedFile } from "../../../endpoints/allocations.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { bytes, short } from "../../../text/words.ts";
import { listStep, orNoFile } from "./file-errors.ts";
import { type Cut, cutOf, pieceOf, type Wanted } from "./file-part.ts";
import { pathIn, requireNoSecrets } from "./path.ts";

/** A part of a text file. */
export interface ReadPart extends Cut {
  readonly path: string;
  readonly file: StatedFile;
}

/** Nomad's words in place of a file are no longer, in bytes. */
const longestRefusal = 4_096;
/** A file that was cut or written anew meanwhile is read so often. */
const mostReads = 3;

/**
 * Reads a part of a text file of an allocation: two requests, and at most six where it changes meanwhile. Nomad answers a
 * failure with a 200 and its words in place of the file, so that only as many bytes as must come are taken for the file.
 *
 * @throws Refusal where it is not there, is no text or no file, leads out of the allocation, or is kept secret.
 */
export async function readFile(
  nomad: NomadClient,
  allocation: Allocation,
  given: string,
  wanted: Wanted,
): Promise<ReadPart> {
  const path = pathIn(given);
  requireNoSecrets(allocation, path);
  for (let reads = 1; ; reads++) {
    const file = await orNoFile(nomad, allocation, path, stat(nomad, allocation, path));
    requireText(nomad, allocation, path, file);
    const piece = pieceOf(wanted, file.Size);
    const limit = piece.to - piece.from;
    // Without a limit Nomad would give the whole file.
    if (limit === 0) return { path, file, ...cutOf(Buffer.alloc(0), piece, file.Size, wanted) };
    const query = { path, offset: piece.from, limit };
    const read = await nomad.bytes(
      allocations.readAt,
      { allocation_id: allocation.ID, ...query },
      limit + longestRefusal,
    );
    if (read.byteLength === limit) {
      if (read.includes(0)) throw new Refusal(binary(allocation, path, file));
      return { path, file, ...cutOf(read, piece, file.Size, wanted) };
    }
    const now = await orNoFile(nomad, allocation, path, stat(nomad, allocation, path));
    const changed = now.Size !== file.Size || now.ModTime !== file.ModTime;
    if (changed && reads < mostReads) continue;
    throw new Refusal(
      changed
        ? `${path} of ${short(allocation.ID)} changes faster than it can be read: tail=100 reads its end.`
        : `Node ${allocation.NodeName} does not give ${path} of ${short(allocation.ID)}: ${quotedLine(read.toString("utf8"), 300)}`,
    );
  }
}

async function stat(nomad: NomadClient, { ID }: Allocation, path: string): Promise<StatedFile> {
  return await nomad.get(allocations.stat, { allocation_id: ID, path });
}

function requireText(nomad: NomadClient, allocation: Allocation, path: string, file: StatedFile): void {
  const { IsDir, FileMode, Size, ContentType = "" } = file;
  if (IsDir) {
    throw new Refusal(
      `${path} of ${short(allocation.ID)} is a folder, no file.\nNext: ${listStep(nomad, allocation, path)}`,
    );
  }
  if (!FileMode.startsWith("-")) {
    throw new Refusal(`${path} of ${short(allocation.ID)} is no file but a socket, pipe or device (${FileMode}).`);
  }
  if (Size > 0 && ContentType !== "" && !ContentType.startsWith("text/")) {
    throw new Refusal(binary(allocation, path, file));
  }
}

function binary({ ID }: Allocation, path: string, { Size, ContentType = "" }: StatedFile): string {
  const kind = /^(text\/|application\/octet-stream|$)/.test(ContentType) ? "" : `, ${quotedLine(ContentType, 60)}`;
  return `${path} of ${short(ID)} is binary (${bytes(Size)}${kind}): only text is shown.`;
}
