import { setMaxListeners } from "node:events";
import { Refusal } from "../api/errors/refusal.ts";
import type { CallerToken } from "../api/request/connection.ts";
import { whenAborted } from "../deadline.ts";
import type { NomadLogin } from "./exchange.ts";

/** A person's Nomad token at one cluster. */
export interface KeptLogin extends CallerToken {
  /** The id of the token that is kept now; undefined where there is none. */
  accessor(): string | undefined;
  /** Throws the token away: the next request signs in anew. */
  forget(): void;
}

/** How a login is got and held. */
export interface KeptLoginOptions {
  logIn(): Promise<NomadLogin>;
  /** Whether Nomad still knows a token; undefined where it does not tell. */
  knows(secret: string): Promise<boolean | undefined>;
  /** ms on a clock that never goes back. */
  readonly clock: () => number;
}

/** So long before its end a token is exchanged for a new one, in ms; of one that lives shortly, a third of its life. */
const margin = 30_000;
/** So long Nomad is not asked again whether it knows a token that was refused, nor one exchanged because it does not, in ms. */
const quiet = 30_000;
/** So long it is not tried again to sign in where Nomad said no, in ms: each try has it verify a token, and fetch keys. */
const refusedFor = 5_000;

/**
 * Keeps a login until shortly before it ends: one exchange for however many calls wait for it. A request that Nomad refused is
 * mostly one that its token may not make, of which Nomad's words cannot be told from those of a token that is gone: Nomad is
 * asked, seldom, and only a token that it does not know any more is exchanged.
 */
export function createKeptLogin({ logIn, knows, clock }: KeptLoginOptions): KeptLogin {
  let login: (NomadLogin & { readonly until: number }) | undefined;
  let running: Promise<NomadLogin> | undefined;
  let refused: { readonly error: Refusal; readonly until: number } | undefined;
  let asking: { readonly secret: string; readonly answer: Promise<boolean | undefined>; until: number } | undefined;
  /** Counts what was forgotten: what was asked for before that is not kept. */
  let forgotten = 0;
  let exchanged = Number.NEGATIVE_INFINITY;

  async function exchange(): Promise<NomadLogin> {
    // It counts from before it was asked for, so that it ends here no later than there.
    const begun = clock();
    const before = forgotten;
    try {
      const made = await logIn();
      const { life = Number.POSITIVE_INFINITY } = made;
      if (before === forgotten) login = { ...made, until: begun + life - Math.min(margin, life / 3) };
      return made;
    } catch (error) {
      if (error instanceof Refusal) refused = { error, until: clock() + refusedFor };
      throw error;
    } finally {
      running = undefined;
    }
  }

  async function current(signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    if (login !== undefined && clock() < login.until) return login.secret;
    if (refused !== undefined && clock() < refused.until) throw refused.error;
    running ??= exchange();
    return (await orAborted(running, signal)).secret;
  }

  /** Whether a token that was refused is one that Nomad knows; so it is, where it does not tell. */
  async function isKnown(secret: string, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (asking?.secret !== secret || clock() >= asking.until) {
      asking = { secret, answer: knows(secret), until: clock() + quiet };
    }
    return (await orAborted(asking.answer, signal)) !== false;
  }

  return {
    current,
    async renewed(secret, signal) {
      // Somebody else's request has found out already.
      if (login?.secret !== secret) return await current(signal);
      if (await isKnown(secret, signal)) return undefined;
      if (login?.secret === secret) {
        if (clock() - exchanged < quiet) return undefined;
        exchanged = clock();
        login = undefined;
      }
      return await current(signal);
    },
    accessor: () => login?.accessor,
    forget() {
      forgotten++;
      login = undefined;
      refused = undefined;
    },
  };
}

/** What comes of work that others wait for, too. @throws the reason of `signal` where it aborts before that: the work goes on. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // A call with many requests is no leak, of which Node would warn on stderr.
  setMaxListeners(0, signal);
  let forget = () => {};
  const aborted = new Promise<never>((_, reject) => {
    forget = whenAborted(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    forget();
  }
}
