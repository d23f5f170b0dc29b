import { NomadError } from "../errors/errors.ts";
import { Refusal } from "../errors/refusal.ts";
import type { Connection } from "./connection.ts";

/** The token of one request: that of its connection, or that of whoever calls. */
export interface Pass {
  /** Sends with the token; once more with another one where Nomad refuses that and whoever calls has another, at most once. */
  send<T>(signal: AbortSignal, send: (token: string | undefined) => Promise<T>): Promise<T>;
}

/**
 * The pass of a request that is about to be sent. `unsent`: the error of one that was not, by what ended the waiting.
 *
 * @throws Refusal or NomadError where whoever calls has no token: the server's own is not sent in its place.
 */
export async function passFor(
  { caller, token: own, missed }: Connection,
  signal: AbortSignal,
  unsent: (cause: unknown) => NomadError,
): Promise<Pass> {
  if (caller === undefined) return { send: async (_, send) => await send(own?.()) };
  let token = await caller.current(signal).catch((cause: unknown) => {
    if (cause instanceof Refusal) throw cause;
    const failure = cause instanceof NomadError ? cause : unsent(cause);
    missed?.(failure);
    throw failure;
  });
  let isRenewed = false;
  return {
    async send(signal, send) {
      try {
        return await send(token);
      } catch (error) {
        if (isRenewed || !isRefusal(error)) throw error;
        // Also for a change: what was refused did nothing.
        const other = await caller.renewed?.(token, signal);
        if (other === undefined) throw error;
        isRenewed = true;
        token = other;
        return await send(token);
      }
    },
  };
}

/** True where Nomad may mean that the token is no longer good: it says the same of that and of what a token may not do. */
function isRefusal(error: unknown): boolean {
  return error instanceof NomadError && (error.kind === "forbidden" || error.kind === "bad_token");
}
