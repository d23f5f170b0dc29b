import { NomadError } from "../../../api/errors/errors.ts";
import { whenAborted } from "../../../deadline.ts";
import { events } from "../../../endpoints/events.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { sealValue } from "../../../text/sealed.ts";
import { type Line, linesOf } from "./frames.ts";

/** Why a stream ended. `denied`: before its first line, which is how Nomad refuses one since 1.8.20, 1.10.8 and 1.11.2. */
export type Ending = "time" | "server" | "too much" | "denied";

/** Nothing says where the buffer ends; what the server holds comes at once, so this long without a byte is its end; ms. */
const pauseAtEnd = 300;
/** What the server holds is given up after this long, in seconds. */
const longestReplay = 8;
/** A stream that has given so much is ended, in bytes: an allocation's event is about 10 KB. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Gives the lines of the event stream to `take`: what the server holds, then what happens within `seconds`; with 0 only
 * the former. It ends when `take` wants no more. `topics` as Nomad writes them: `Allocation:web`.
 *
 * @throws NomadError where the stream cannot be opened, or `signal`, the call's own, is aborted.
 */
export async function followEvents(
  nomad: NomadClient,
  {
    topics,
    seconds,
    signal,
  }: { readonly topics: readonly string[]; readonly seconds: number; readonly signal: AbortSignal },
  take: (line: Line) => boolean,
): Promise<Ending> {
  const quiet = new AbortController();
  const patience = seconds || longestReplay;
  const source = nomad.within(quiet.signal).follow(events.stream, { topic: topics, index: 0 }, patience);
  const began = performance.now();
  let bytes = 0;
  let opened = false;
  let timer: NodeJS.Timeout | undefined;
  const forget = whenAborted(nomad.hurry, () => quiet.abort());

  async function* bounded(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      bytes += chunk.byteLength;
      if (bytes > mostBytes) return;
      yield chunk;
      clearTimeout(timer);
      if (seconds === 0) timer = setTimeout(() => quiet.abort(), pauseAtEnd);
    }
  }

  try {
    for await (const line of linesOf(bounded())) {
      // The first one opens the stream; another one comes only when there is nothing else to send.
      if (line.kind === "heartbeat" && opened && seconds === 0) return "time";
      opened = true;
      // Only what the event is about: beside it an id stands as `Key`, which would be taken for a secret.
      if (line.kind === "frame") for (const { Payload } of line.frame.Events ?? []) nomad.note(events.stream, Payload);
      if (!take(sealValue(line))) return "time";
    }
  } catch (error) {
    if (signal.aborted || !(error instanceof NomadError)) throw error;
    if (error.kind === "forbidden") return "denied";
    // What came before the connection broke is still so.
    if (!opened) throw error;
    if (!quiet.signal.aborted) return "server";
  } finally {
    clearTimeout(timer);
    forget();
  }
  if (bytes > mostBytes) return "too much";
  if (quiet.signal.aborted || performance.now() - began >= patience * 1000 - 50) return "time";
  return opened ? "server" : "denied";
}
