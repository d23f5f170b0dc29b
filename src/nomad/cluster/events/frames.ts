import type { EventFrame } from "../../../endpoints/events.ts";

/** What one line of the event stream was. */
export type Line =
  | { readonly kind: "frame"; readonly frame: EventFrame }
  | { readonly kind: "heartbeat" }
  /** Too large to be read, or not JSON. */
  | { readonly kind: "skipped" };

/** A plan that places a thousand allocations is one frame of about 12 MB. */
const largestFrame = 24 * 1024 * 1024;
const newline = 0x0a;

/**
 * Takes the event stream apart: one JSON object a line, wherever the network cut it. A line that never ended, as when
 * the connection broke, is none.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, largest = largestFrame): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      size += end - from;
      if (size > largest) yield { kind: "skipped" };
      else if (size > 0) yield read(Buffer.concat([...parts, chunk.subarray(from, end)]).toString("utf8"));
      parts = [];
      size = 0;
      from = end + 1;
    }
    size += chunk.byteLength - from;
    // What is too large already is not kept, only counted.
    if (size > largest) parts = [];
    else parts.push(chunk.subarray(from));
  }
}

function read(text: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "skipped" };
  }
  if (value === null || typeof value !== "object") return { kind: "skipped" };
  return isFrame(value) ? { kind: "frame", frame: value } : { kind: "heartbeat" };
}

function isFrame(value: object): value is EventFrame {
  return "Events" in value && Array.isArray(value.Events);
}
