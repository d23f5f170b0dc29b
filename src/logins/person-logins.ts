import type { Bearer } from "../access/bearer.ts";
import { Refusal } from "../api/errors/refusal.ts";
import type { Cluster } from "../cluster.ts";
import type { Exchange } from "./exchange.ts";
import { createKeptLogin, type KeptLogin } from "./kept-login.ts";

/** The Nomad tokens of one person, one for each cluster, each got when it is first needed. */
export interface PersonLogins {
  /**
   * What they have shown with a request: of several access tokens the one that ends last is exchanged from now on. So they have to
   * say the same of the person: see {@link Bearer.says}.
   */
  shown(bearer: Bearer | undefined): void;
  at(cluster: Cluster): KeptLogin;
  /** Nobody calls with them any more: what is under way goes on, and what is kept goes with it. */
  release(): void;
}

/** An access token may be shown for so long after its end, in ms: clocks differ. */
const tolerance = 30_000;
/** The longest time that a timer takes, in ms. */
const longestTimer = 2 ** 31 - 1;

/**
 * What a person's role says is exchanged at Nomad's JWT auth method. It is kept as long as they show access tokens that hold: with
 * the last of those it is forgotten, which `ended` is told of. `clock`: ms, never going back.
 */
export function createPersonLogins(exchange: Exchange, clock: () => number, ended: () => void): PersonLogins {
  const logins = new Map<string, KeptLogin>();
  let newest: Bearer | undefined;
  let timer: NodeJS.Timeout | undefined;

  function forget(): void {
    newest = undefined;
    for (const login of logins.values()) login.forget();
    ended();
  }

  return {
    shown(bearer) {
      if (bearer === undefined || (newest !== undefined && bearer.expires <= newest.expires)) return;
      // What was refused for want of one is not refused any more.
      if (newest === undefined) for (const login of logins.values()) login.forget();
      newest = bearer;
      clearTimeout(timer);
      const left = bearer.expires + tolerance - Date.now();
      timer = setTimeout(forget, Math.min(Math.max(left, 0), longestTimer));
      timer.unref();
    },
    at(cluster) {
      const { name } = cluster.settings;
      const login =
        logins.get(name) ??
        createKeptLogin({
          async logIn() {
            if (newest === undefined) throw new Refusal(signInFirst);
            return await exchange.logIn(cluster, newest.token);
          },
          knows: (secret) => exchange.knows(cluster, secret),
          clock,
        });
      logins.set(name, login);
      return login;
    },
    release: () => clearTimeout(timer),
  };
}

const signInFirst =
  'Your role has you signed in at Nomad as yourself (token = "login"), for which an access token of the provider is needed that still holds: sign in again.';
