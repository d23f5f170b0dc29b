import { StringDecoder } from "node:string_decoder";
import { beginning } from "../../../text/untrusted.ts";
import { withoutHead } from "../logs/logs.ts";

/** So much of a file is read at once, in bytes. */
const mostRead = 16_000;
/** So much of its end is looked at for its last lines, in bytes. */
const longestTail = 32_000;
/** The beginning of a line is looked for from a multiple of this on, so that nobody chooses where a long line is cut; bytes. */
const block = 4_096;

/** Which part of a file is wanted: what follows a byte, or so many of its last lines. */
export type Wanted = { readonly offset: number } | { readonly tail: number };

/** What is read for it, in bytes from the start of the file. */
export interface Piece {
  readonly from: number;
  readonly to: number;
}

/** The bytes to read of a file of that size. */
export function pieceOf(wanted: Wanted, size: number): Piece {
  if ("tail" in wanted) return { from: Math.max(0, size - longestTail), to: size };
  const { offset } = wanted;
  if (offset >= size) return { from: size, to: size };
  return { from: Math.max(0, Math.floor((offset - 1) / block) * block), to: Math.min(size, offset + mostRead) };
}

/** What is shown of a part. */
export interface Cut {
  readonly text: string;
  /** How many lines, and where they begin and end, in bytes. */
  readonly lines: number;
  readonly from: number;
  readonly to: number;
  /** True where the first line lacks its beginning. */
  readonly beheaded: boolean;
}

/**
 * Cuts what was read of a file between two lines, or two words of a line that is too long: half of a secret, or one without its
 * name, would not be known as one. What is shown begins with the line in which the wanted byte is.
 */
export function cutOf(read: Buffer, { from }: Piece, size: number, wanted: Wanted): Cut {
  const wantedAt = "tail" in wanted ? 0 : Math.max(0, wanted.offset - from);
  const lineStart = startOfLine(read, from, wantedAt, wanted);
  const beheaded = lineStart === undefined;
  const start = lineStart ?? 0;
  const lineEnd = read.lastIndexOf("\n") + 1;
  const isWhole = from + read.byteLength === size || lineEnd > Math.max(start, wantedAt);
  const end = from + read.byteLength === size || !isWhole ? read.byteLength : lineEnd;
  const body = read.subarray(start, end);
  if (body.byteLength === 0) return { text: "", lines: 0, from: from + start, to: from + end, beheaded: false };
  const whole = new StringDecoder("utf8")
    .write(body)
    .replace(/\r?\n$/, "")
    .split(/\r?\n/);
  const last = whole.length - 1;
  if (!isWhole) whole[last] = beginning(`${whole[last]} `, whole[last]?.length ?? 0);
  const all = beheaded ? withoutHead(whole) : whole;
  const shown = "tail" in wanted ? all.slice(-wanted.tail) : all;
  const skipped = whole.slice(0, all.length - shown.length);
  const before = skipped.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  return {
    text: shown.join("\n"),
    lines: shown.length,
    from: from + start + before,
    to: from + end,
    beheaded: beheaded && skipped.length === 0,
  };
}

/** Where the line begins in which the wanted byte is, or, of an end, the first whole one; undefined where that was not read. */
function startOfLine(read: Buffer, from: number, wantedAt: number, wanted: Wanted): number | undefined {
  if ("tail" in wanted) {
    if (from === 0) return 0;
    const next = read.indexOf("\n") + 1;
    return next > 0 && next < read.byteLength ? next : undefined;
  }
  const start = wantedAt === 0 ? 0 : read.lastIndexOf("\n", wantedAt - 1) + 1;
  return start > 0 || from === 0 ? start : undefined;
}
