import type { Exchange } from "./exchange.ts";
import { createPersonLogins, type PersonLogins } from "./person-logins.ts";

/** The Nomad tokens of everybody who signs in at Nomad as themselves. */
export interface Logins {
  /** Those of one person. `id`: what tells them, and what their access tokens say of them, from everybody else. */
  of(id: string): Pick<PersonLogins, "at" | "shown">;
}

/** So many are kept, those who called last: each is a token in Nomad, so that one that is not kept is made, and stays there, again. */
const mostPeople = 5_000;

/**
 * They are kept apart from the sessions, of which there are fewer, and end with the access tokens that were shown for them. What is got
 * from {@link Logins.of} may be used for as long as one likes: it is kept again with what is shown to it. `clock`: ms, never going back.
 */
export function createLogins(exchange: Exchange, clock: () => number, most = mostPeople): Logins {
  const people = new Map<string, PersonLogins>();

  return {
    of(id) {
      const theirs = people.get(id) ?? createPersonLogins(exchange, clock, () => people.delete(id));
      return {
        at: theirs.at,
        shown(bearer) {
          people.delete(id);
          people.set(id, theirs);
          for (const [oldest, { release }] of people) {
            if (people.size <= most) break;
            people.delete(oldest);
            release();
          }
          theirs.shown(bearer);
        },
      };
    },
  };
}
