import { shownBeside } from "./shown.ts";

/** An access token of the provider that was shown and verified. */
export interface Bearer {
  readonly token: string;
  /** A digest of what it says of its person: another token has the same one where Nomad can be told nothing else by it. */
  readonly says: string;
  /** When it ends, ms since the epoch. */
  readonly expires: number;
}

const bearers = shownBeside<Bearer>();

/** Keeps the token with which a request has shown who makes it. */
export const keepBearer = bearers.keep;

/**
 * The access token of the provider that this request has brought, verified. It is for the exchange at Nomad's login alone, and goes
 * nowhere else: to no log, no answer, and no other address.
 */
export const bearerOf = bearers.of;
