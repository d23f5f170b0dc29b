import { isUtf8 } from "node:buffer";
import { StringDecoder } from "node:string_decoder";
import { beginning } from "../../../text/untrusted.ts";

/** So much of each end of a stream is kept, in bytes: the most that an answer shows. */
export const mostShown = 30_000;

/** What a command wrote on one stream, kept as far as it may be shown: how it begins and how it ends. */
export class Written {
  /** All that came, in bytes. */
  size = 0;
  readonly #head: Buffer[] = [];
  #kept = 0;
  #tail: Buffer = Buffer.alloc(0);

  add(part: Buffer): void {
    this.size += part.byteLength;
    const first = part.subarray(0, mostShown - this.#kept);
    if (first.byteLength > 0) this.#head.push(first);
    this.#kept += first.byteLength;
    const rest = part.subarray(first.byteLength);
    if (rest.byteLength > 0) this.#tail = Buffer.concat([this.#tail, rest]).subarray(-mostShown);
  }

  /** What may be shown in so many bytes; undefined where it is no text. */
  shown(bytes: number): Excerpt | undefined {
    const head = Buffer.concat(this.#head);
    const whole = this.size === head.byteLength + this.#tail.byteLength ? Buffer.concat([head, this.#tail]) : undefined;
    if (!isText(head) || !isText(this.#tail)) return undefined;
    if (whole !== undefined && this.size <= bytes) return { start: whole.toString("utf8"), left: 0, end: "" };
    // How something ended matters less often than how it began.
    const start = startOf((whole ?? head).subarray(0, Math.floor(bytes * 0.75)));
    const end = endOf((whole ?? this.#tail).subarray(-Math.floor(bytes * 0.25)));
    return { start, left: this.size - Buffer.byteLength(start) - Buffer.byteLength(end), end };
  }
}

/** A text of which the middle may be left out: so many bytes. */
export interface Excerpt {
  readonly start: string;
  readonly left: number;
  readonly end: string;
}

/** True for text: cut anywhere, so that it may begin and end within a character. */
function isText(bytes: Buffer): boolean {
  if (bytes.includes(0)) return false;
  let from = 0;
  while (from < 3 && ((bytes[from] ?? 0) & 0xc0) === 0x80) from++;
  const part = bytes.subarray(from);
  return [0, 1, 2, 3].some((cut) => isUtf8(part.subarray(0, part.byteLength - cut)));
}

// Cut between two lines, or two words of a line that is too long: half of a secret would not be known as one.

function startOf(bytes: Buffer): string {
  const text = new StringDecoder("utf8").write(bytes);
  const line = text.lastIndexOf("\n");
  return line >= 0 ? text.slice(0, line + 1) : `${beginning(`${text} `, text.length)}\n`;
}

function endOf(bytes: Buffer): string {
  const line = bytes.indexOf("\n");
  return line < 0 ? "" : bytes.subarray(line + 1).toString("utf8");
}
