import { type Deadline, whenAborted } from "../../deadline.ts";
import { readReply } from "../../endpoints/endpoint.ts";
import { Misshapen } from "../../endpoints/shaped.ts";
import type { Channel, ChannelEnd } from "../connect/websocket.ts";
import type { NomadError } from "../errors/errors.ts";
import { sortReply } from "../errors/table.ts";
import type { Request } from "./connection.ts";
import type { Failures } from "./failures.ts";

/** What is said over a websocket, and who hears what comes. */
export interface Talk {
  /** Sent first, each as JSON. */
  readonly said: readonly unknown[];
  /** Told of each frame; true where it has heard enough. */
  hear(frame: unknown): boolean;
}

/** What a talk is led with. */
export interface Talking extends Talk {
  readonly request: Request;
  readonly failures: Failures;
  readonly patience: Deadline;
  /** Aborts when the server is to end. */
  readonly hurry: AbortSignal | undefined;
}

/**
 * Talks over a websocket until enough was heard, and cuts it then. False where, quietly, the time was over before that, or the
 * server is to end.
 *
 * @throws NomadError where the other side ends it before that, with what it says: Nomad refuses in no other way.
 */
export async function talk(
  channel: Channel,
  { request, failures, patience, hurry, said, hear }: Talking,
): Promise<boolean> {
  const forget = whenAborted(hurry, channel.cut);
  try {
    for (const each of said) channel.send(JSON.stringify(each));
    const messages = channel.messages();
    for (;;) {
      const { done, value } = await messages.next();
      if (done) {
        if (patience.passed() || hurry?.aborted) return false;
        patience.signal.throwIfAborted();
        throw ended(request, failures, value);
      }
      if (hear(frameIn(request, failures, value))) return true;
    }
  } finally {
    forget();
    channel.cut();
  }
}

function frameIn(request: Request, failures: Failures, message: string): unknown {
  try {
    return readReply(request.route, JSON.parse(message));
  } catch (cause) {
    const words = cause instanceof Misshapen ? `in a frame ${cause.message}` : "a frame is not JSON";
    throw failures.error("unreadable", request, words, undefined, cause);
  }
}

/** Nomad closes with 1011 what would be a 500, and with 1008 what would be another failure (command/agent, toWsCode). */
function ended(request: Request, failures: Failures, { code, reason }: ChannelEnd): NomadError {
  if (code === 1009) return failures.error("too_large", request, reason);
  if (code !== 1011 && code !== 1008) {
    return failures.error("connection_lost", request, reason || "the connection ended before the command did");
  }
  const status = code === 1011 ? 500 : 400;
  return failures.error(sortReply(status, reason, "text/plain"), request, reason, status);
}
