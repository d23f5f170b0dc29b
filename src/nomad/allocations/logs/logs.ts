import { StringDecoder } from "node:string_decoder";
import { NomadError } from "../../../api/errors/errors.ts";
import { allocations } from "../../../endpoints/allocations.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { clean } from "../../../text/untrusted.ts";

/** What a task writes to. Nomad keeps the two apart and no time with them, so their order among each other is lost. */
export type Stream = "stdout" | "stderr";

/** Lines as the task wrote them, not made harmless: they go through `quoted` or `quotedLine` before anyone reads them. */
export interface LoggedLines {
  readonly kind: "lines";
  /** The last lines, or the last that match, oldest first. Empty only where none matches. */
  readonly lines: readonly string[];
  /** True where the oldest byte that Nomad keeps was reached. */
  readonly reachedOldest: boolean;
  /** True where lines (that match) are known to stand before these and are not given. */
  readonly cut: boolean;
  /** True where the first line lacks its beginning: it is longer than what was read. */
  readonly beheaded: boolean;
  /** How far back it looked, in bytes from the end. */
  readonly looked: number;
  /** How many lines stand in the part that was looked at, and how many of them match. */
  readonly seen: number;
  readonly matching: number;
}

/** There is a task and no text of it: it never started, wrote nothing to this stream, or its output is not kept. */
export interface NothingLogged {
  readonly kind: "nothing";
  readonly why: "not started" | "empty" | "not kept";
}

/** There may be text and nobody to read it from. */
export interface Unreachable {
  readonly kind: "unreachable";
  /** The node is down, disconnected or forgotten; or it is there and has deleted the allocation. */
  readonly why: "node gone" | "cleaned up";
}

export type Tail = LoggedLines | NothingLogged | Unreachable;

/** What to take from the end of a log. */
export interface Wanted {
  /** How many lines at most. */
  readonly lines: number;
  readonly contains?: Sought | undefined;
}

/** What lines have to have, case ignored, to count. */
export interface Sought {
  readonly text: string;
  /** Takes out what is secret: lines are compared as they are shown, or a secret could be asked for letter by letter. */
  mask(text: string): string;
}

/** No more than this is read of one stream, in bytes; with `contains` this much at once. */
const deepest = 1024 * 1024;
/** The first reach for few lines, in bytes. */
const shallow = 16 * 1024;
/** Up to this many lines are taken from one reach, however long they are: a look at the end must stay cheap. */
const few = 5;
/** A task that writes fast adds to the reply while it is read; in bytes. */
const growth = 16 * 1024 * 1024;

/**
 * The last lines of one stream of a task, read from the end whatever its size and rotation: one request for few lines or
 * for `contains`, rarely more than two otherwise. `allocationId` is the full one.
 *
 * @throws NomadError for what is no property of the log, such as a token that may not read it.
 */
export async function tail(
  nomad: NomadClient,
  allocationId: string,
  task: string,
  stream: Stream,
  { lines, contains }: Wanted,
): Promise<Tail> {
  const read = (reach: number) => readEnd(nomad, allocationId, task, stream, reach);
  const most = contains === undefined && lines <= few ? shallow : deepest;
  let reach = contains === undefined ? Math.min(most, Math.max(shallow, lines * 256)) : deepest;
  try {
    let end = await read(reach);
    while (end.lines.length < lines && !end.reachedOldest && reach < most) {
      reach = Math.min(most, reach * 8);
      end = await read(reach);
    }
    if (end.size === 0) return { kind: "nothing", why: "empty" };
    return chosen(end, lines, contains);
  } catch (error) {
    const reason = noLog(error);
    if (reason === undefined) throw error;
    return reason;
  }
}

/**
 * The streams of a task whose oldest output Nomad has deleted to make room: the lowest number among its log files is
 * above 0 (nomad-observed.md §5). Empty where the files may not be listed, which takes the capability read-fs.
 */
export async function rotatedAway(nomad: NomadClient, allocationId: string, task: string): Promise<readonly Stream[]> {
  try {
    const { items } = await nomad.list(allocations.files, { allocation_id: allocationId, path: "/alloc/logs" });
    return (["stderr", "stdout"] as const).filter((stream) => {
      const start = `${task}.${stream}.`;
      const numbers = items.filter(({ Name }) => Name.startsWith(start)).map(({ Name }) => Name.slice(start.length));
      return numbers.length > 0 && !numbers.includes("0");
    });
  } catch (error) {
    if (error instanceof NomadError && error.kind !== "cancelled") return [];
    throw error;
  }
}

/** What an error of the log routes tells of the log; undefined where it tells something else (nomad-api.md §5.5). */
export function noLog(error: unknown): NothingLogged | Unreachable | undefined {
  if (!(error instanceof NomadError)) return undefined;
  const { reply } = error;
  // A node that has not begun with the allocation does not know its tasks either.
  if (/not started yet|unknown task name/.test(reply)) return { kind: "nothing", why: "not started" };
  if (/log entry for task/.test(reply)) return { kind: "nothing", why: "not kept" };
  if (/No path to node|Unknown node/.test(reply)) return { kind: "unreachable", why: "node gone" };
  if (/not found on client|Unknown allocation/.test(reply)) return { kind: "unreachable", why: "cleaned up" };
  return undefined;
}

/** The end of a stream as bytes: at most the last `reach`, and more where the task writes meanwhile. */
export async function endOf(
  nomad: NomadClient,
  allocationId: string,
  task: string,
  stream: Stream,
  reach: number,
): Promise<Buffer> {
  const query = { task, type: stream, plain: true, origin: "end", offset: reach };
  return await nomad.bytes(allocations.logs, { allocation_id: allocationId, ...query }, reach + growth);
}

/** The lines of a piece of a log. A character whose last bytes are not written yet is left out. */
export function linesOf(piece: Buffer): string[] {
  const text = new StringDecoder("utf8").write(piece);
  if (text === "") return [];
  return text.replace(/\n$/, "").split("\n").map(asSeen);
}

/** The lines that have the text, of those given, as they are shown. */
export function matching(lines: readonly string[], sought: Sought): string[] {
  return having(asShown(lines, sought), sought);
}

/** Without colours, which would hide a word, and without secrets; all at once, since a secret may go over several lines. */
function asShown(lines: readonly string[], { mask }: Sought): string[] {
  return mask(lines.map(clean).join("\n")).split("\n");
}

function having(lines: readonly string[], { text }: Sought): string[] {
  const needle = clean(text).toLowerCase();
  return lines.filter((line) => line.toLowerCase().includes(needle));
}

/**
 * The lines, the first of which lacks its beginning, without what is left of the word in which it begins: it may be the end
 * of a secret, which is known only whole. It is told where nothing else is left of the line.
 */
export function withoutHead([first, ...others]: readonly string[]): string[] {
  if (first === undefined) return [];
  const rest = first.replace(/^[^\s,;]*[\s,;]*/, "");
  return [rest === "" ? "(the end of one word)" : rest, ...others];
}

/** What the end of a stream holds. */
interface End {
  readonly lines: readonly string[];
  readonly size: number;
  readonly reachedOldest: boolean;
  readonly beheaded: boolean;
}

/** One byte more than wanted is asked for: fewer bytes than asked mean the oldest one was reached (nomad-observed.md §5). */
async function readEnd(nomad: NomadClient, id: string, task: string, stream: Stream, reach: number): Promise<End> {
  const piece = await endOf(nomad, id, task, stream, reach + 1);
  if (piece.byteLength <= reach) {
    return { lines: linesOf(piece), size: piece.byteLength, reachedOldest: true, beheaded: false };
  }
  const lineStart = piece.indexOf("\n") + 1;
  const whole = lineStart > 0 && lineStart < piece.byteLength;
  const kept = piece.subarray(whole ? lineStart : characterStart(piece));
  const lines = linesOf(kept);
  return {
    ...{ lines: whole ? lines : withoutHead(lines), size: piece.byteLength - 1 },
    ...{ reachedOldest: false, beheaded: !whole },
  };
}

function chosen(end: End, lines: number, contains: Sought | undefined): LoggedLines {
  const shown = contains === undefined ? end.lines : asShown(end.lines, contains);
  const found = contains === undefined ? shown : having(shown, contains);
  return {
    kind: "lines",
    lines: found.slice(-lines),
    reachedOldest: end.reachedOldest,
    cut: found.length > lines || !end.reachedOldest,
    beheaded: end.beheaded && found.length <= lines && found[0] === shown[0],
    looked: end.size,
    seen: end.lines.length,
    matching: found.length,
  };
}

/** Where the first whole UTF-8 character begins: bytes 10xxxxxx continue one. */
function characterStart(piece: Buffer): number {
  return Math.max(
    0,
    piece.findIndex((byte) => (byte & 0xc0) !== 0x80),
  );
}

/** A line as a terminal leaves it: of what overwrites itself (a progress bar) the last state. */
function asSeen(line: string): string {
  const shown = line.replace(/\r+$/, "");
  return shown.slice(shown.lastIndexOf("\r") + 1);
}
