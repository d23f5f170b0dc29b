import { setImmediate } from "node:timers/promises";
import type { Deadline } from "../../deadline.ts";
import { type FailedRequest, NomadError } from "../errors/errors.ts";
import { collect } from "./exchange.ts";
import type { Room } from "./room.ts";

/** The largest reply that is read into memory, decoded. */
const largestReply = 32 * 1024 * 1024;
/** A reply that is no larger needs no room of its own, and is worked on in one go; in bytes. */
const small = 256 * 1024;
/** Nomad's largest replies have an object every 75 bytes. What has more of them is made to fill memory. */
const mostObjects = 500_000;
const mostMembers = 3_000_000;
/** The longest list that is worked on. */
const mostRows = 100_000;
/** A page of a list has so many bytes at most, and so many more for each row that was asked for. */
const smallestPage = 4 * 1024 * 1024;
const largestRow = 64 * 1024;
/** So many rows may come although fewer were asked for: what stands in front of Nomad may not know of pages. */
const mostUnasked = 1_000;

const brace = 0x7b;
const bracket = 0x5b;
const comma = 0x2c;

/** What reading a reply takes. */
export interface Reading {
  readonly room: Room;
  /** Ends the reading; waiting for room does not count. */
  readonly patience: Deadline;
  /** The rows that were asked for, where it is a page of a list. */
  readonly page?: unknown;
  /** Told what is to be done when the call ends, until which its replies take room; where there is none, none is kept. */
  readonly atEnd?: ((work: () => void) => void) | undefined;
}

/**
 * Reads the text of a whole reply. One that is large waits for room before it is read on, and keeps it until its call ends.
 *
 * @throws NomadError `too_large` for what is more than this process takes, and `crowded` where there was no room in time.
 */
export async function readWhole(
  request: FailedRequest,
  { headers, body }: { readonly headers: Headers; readonly body: AsyncIterable<Uint8Array> },
  { room, patience, page, atEnd }: Reading,
): Promise<string> {
  const limit = typeof page === "number" ? Math.min(largestReply, smallestPage + page * largestRow) : largestReply;
  const length = headers.has("content-encoding") ? null : headers.get("content-length");
  const expected = Math.min(Number(length ?? limit), limit);
  let taken: Awaited<ReturnType<Room["take"]>> | undefined;
  let [objects, members] = [0, 0];
  // What need not be counted yet: so few bytes hold no more than may be.
  const uncounted: Record<"objects" | "members", Uint8Array[]> = { objects: [], members: [] };
  const grow = async (size: number, chunk: Uint8Array) => {
    uncounted.objects.push(chunk);
    uncounted.members.push(chunk);
    if (size <= small) return;
    // An object or a list takes two bytes.
    if (size > 2 * mostObjects) {
      for (const each of uncounted.objects.splice(0)) objects += count(each, brace) + count(each, bracket);
    }
    if (size > mostMembers) for (const each of uncounted.members.splice(0)) members += count(each, comma);
    const excess =
      objects > mostObjects ? [mostObjects, "objects"] : members > mostMembers ? [mostMembers, "values"] : [];
    const [most, what] = excess;
    if (most !== undefined)
      throw new NomadError("too_large", request, `more than ${most.toLocaleString("en")} ${what}`);
    if (taken !== undefined) return;
    try {
      taken = await room.take(expected, patience.signal);
      patience.restart();
    } catch (cause) {
      throw new NomadError("crowded", request, "no room for a large reply in time", undefined, cause);
    }
  };
  try {
    const read = await collect(request, body, limit, grow);
    taken?.shrink(read.length);
    if (taken !== undefined && atEnd !== undefined) atEnd(taken.free);
    else taken?.free();
    return read.toString("utf8");
  } catch (error) {
    taken?.free();
    throw error;
  }
}

function count(chunk: Uint8Array, byte: number): number {
  let found = 0;
  for (let at = chunk.indexOf(byte); at !== -1; at = chunk.indexOf(byte, at + 1)) found++;
  return found;
}

/** Lets others have their turn between two steps of the work on a large text. @throws The reason of an aborted signal. */
export async function breathe(text: string, signal: AbortSignal): Promise<void> {
  if (text.length > small) await setImmediate();
  signal.throwIfAborted();
}

/** Sees that a list has no more rows than can be meant; `asked`: the size of the page. @throws NomadError `too_large`. */
export function countRows(request: FailedRequest, value: unknown, asked: unknown): void {
  const most = typeof asked === "number" ? Math.max(asked, mostUnasked) : mostRows;
  if (!Array.isArray(value) || value.length <= most) return;
  throw new NomadError("too_large", request, `${value.length.toLocaleString("en")} rows`);
}
