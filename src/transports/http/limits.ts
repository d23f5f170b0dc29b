import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Guesses } from "../../access/authenticator.ts";
import type { Rate } from "../../access/rate.ts";

/** What keeps one caller from taking the server from the others. */
export interface Limits {
  /** Counts a request of a caller: how long they have to wait, in seconds; undefined where they need not. */
  request(id: string, rate: Rate): Promise<number | undefined>;
  /** Counts a request that nobody was known for, or nobody who may call, by the address that it came from. */
  stranger(peer: string): Promise<number | undefined>;
  /**
   * Counts what somebody else has to be asked about, by the address that it came from: apart from refusals, so that who is refused there
   * again and again keeps nobody out who comes for the first time.
   */
  guesses(peer: string): Guesses;
  /** Begins a call; gives what ends it (calling that twice ends it once), or undefined where too many are under way. */
  begin(id: string, most: number): (() => void) | undefined;
  /** How many calls are under way. */
  readonly underWay: number;
}

/** Refusals, and guesses: so many of each from one address. */
const ofStrangers = { points: 60, duration: 60 };
/** Calls under way, of all callers together. */
const mostOfAll = 128;

export function createLimits(): Limits {
  const limiters = new Map<string, RateLimiterMemory>();
  const strangers = new RateLimiterMemory(ofStrangers);
  const guessers = new RateLimiterMemory(ofStrangers);
  const open = new Map<string, number>();
  let underWay = 0;

  function limiter({ points, duration }: Rate): RateLimiterMemory {
    const key = `${points}/${duration}`;
    const made = limiters.get(key) ?? new RateLimiterMemory({ points, duration });
    limiters.set(key, made);
    return made;
  }

  return {
    request: (id, rate) => consume(limiter(rate), id),
    stranger: (peer) => consume(strangers, peer),
    guesses: (peer) => ({
      count: () => consume(guessers, peer),
      takeBack: async () => void (await guessers.reward(peer)),
    }),
    begin(id, most) {
      const own = open.get(id) ?? 0;
      if (own >= most || underWay >= mostOfAll) return undefined;
      open.set(id, own + 1);
      underWay++;
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        underWay--;
        const left = (open.get(id) ?? 1) - 1;
        if (left > 0) open.set(id, left);
        else open.delete(id);
      };
    },
    get underWay() {
      return underWay;
    },
  };
}

async function consume(limiter: RateLimiterMemory, id: string): Promise<number | undefined> {
  try {
    await limiter.consume(id);
    return undefined;
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
  }
}
