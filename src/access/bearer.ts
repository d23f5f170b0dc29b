import type { Principal } from "./principal.ts";

/** An access token of the provider that was shown and verified. */
export interface Bearer {
  readonly token: string;
  /** A digest of what it says of its person: another token has the same one where Nomad can be told nothing else by it. */
  readonly says: string;
  /** When it ends, ms since the epoch. */
  readonly expires: number;
}

/**
 * The tokens that callers have shown, by the principal of the one request that brought it: a principal is made for each of them and
 * forgotten with it, and so is its token. It is no field of the principal, so that nothing that prints or serialises one has it.
 */
const shown = new WeakMap<Principal, Bearer>();

/** Keeps the token with which a request has shown who makes it, for as long as its principal is in use. */
export function keepBearer(principal: Principal, bearer: Bearer): void {
  shown.set(principal, bearer);
}

/**
 * The access token of the provider that this request has brought, verified; undefined where its caller is known in another way.
 * It is for the exchange at Nomad's login alone, and goes nowhere else: to no log, no answer, and no other address.
 */
export function bearerOf(principal: Principal): Bearer | undefined {
  return shown.get(principal);
}
