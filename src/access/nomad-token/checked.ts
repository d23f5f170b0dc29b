import { createHash } from "node:crypto";
import type { Guesses } from "../authenticator.ts";
import type { Looked } from "./self.ts";

/** How tokens are looked up and kept. */
export interface Checking {
  /** Asks Nomad who a token is. */
  lookUp(token: string): Promise<Looked>;
  /** ms since the epoch. */
  readonly now?: () => number;
  /** ms on a clock that never goes back. */
  readonly clock?: () => number;
}

/** What is known of a token. `wait`: nobody looks before that many seconds, since too many guesses came from there, or are looked up. */
export type Checked = { readonly looked: Looked } | { readonly wait: number; readonly why: "guesses" | "crowd" };

/** Looks at tokens that callers show. */
export interface Checks {
  /**
   * Who a token is, from Nomad a minute ago at most. `guesses`: counts each token that was not good before, as long as Nomad is not
   * found to know it: so people who come for the first time take nothing from others at their address.
   */
  check(token: string, guesses?: Guesses): Promise<Checked>;
}

/** What Nomad said holds for so long, in ms; a token that was taken back opens nothing after it. */
const holdsGood = 60_000;
/** A token that is not good may be made so at any time, though not the one that a guess hits. */
const holdsBad = 10_000;
/** Nomad that could not be asked is asked again after this. */
const holdsFault = 1_000;
/** So many are kept of each kind. */
const mostKept = 1_000;
/** So many wait for Nomad at a time. */
const mostAsked = 64;

interface Entry {
  readonly looked: Looked;
  readonly until: number;
}

/**
 * Keeps what Nomad said of tokens, by their digests: good ones apart from others, so that guesses drive none of them out. One that was
 * good is looked up again without being counted as a guess.
 */
export function createChecks({ lookUp, now = Date.now, clock = () => performance.now() }: Checking): Checks {
  const good = new Map<string, Entry>();
  const bad = new Map<string, Entry>();
  const asked = new Map<string, Promise<Looked>>();

  function keep(id: string, looked: Looked): void {
    const isGood = "self" in looked;
    // Until Nomad can be asked, one that was good is no guess.
    if (!isGood && !("why" in looked)) good.delete(id);
    bad.delete(id);
    const kept = isGood ? good : bad;
    kept.delete(id);
    kept.set(id, { looked, until: clock() + lifeOf(looked, now()) });
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break;
      kept.delete(oldest);
    }
  }

  async function ask(id: string, token: string): Promise<Looked> {
    const asking = lookUp(token).then((looked) => {
      keep(id, looked);
      return looked;
    });
    asked.set(id, asking);
    try {
      return await asking;
    } finally {
      asked.delete(id);
    }
  }

  return {
    async check(token, guesses) {
      const id = createHash("sha256").update(token).digest("base64");
      for (const kept of [bad, good]) {
        const entry = kept.get(id);
        if (entry !== undefined && clock() < entry.until) return { looked: entry.looked };
      }
      const guessed = !good.has(id) && !asked.has(id);
      if (guessed) {
        const wait = await guesses?.count();
        if (wait !== undefined) return { wait, why: "guesses" };
      }
      const under = asked.get(id);
      if (under === undefined && asked.size >= mostAsked) return { wait: 1, why: "crowd" };
      const looked = await (under ?? ask(id, token));
      if (guessed && "self" in looked) await guesses?.takeBack();
      return { looked };
    },
  };
}

/** How long it holds, in ms: a token never longer than it lives itself. */
function lifeOf(looked: Looked, now: number): number {
  if ("self" in looked) return Math.min(holdsGood, (looked.self.expires ?? Number.POSITIVE_INFINITY) - now);
  return "why" in looked ? holdsFault : holdsBad;
}
