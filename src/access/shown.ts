import type { Principal } from "./principal.ts";

/**
 * Something that callers show, by the principal of the one request that brought it: a principal is made for each of them and forgotten
 * with it, and so is this. It is no field of the principal, so that nothing that prints or serialises one has it.
 */
export function shownBeside<T>(): {
  /** Keeps what a request has shown, for as long as its principal is in use. */
  keep(principal: Principal, shown: T): void;
  /** What the request of this principal has shown; undefined where its caller is known in another way. */
  of(principal: Principal): T | undefined;
} {
  const kept = new WeakMap<Principal, T>();
  return { keep: (principal, shown) => void kept.set(principal, shown), of: (principal) => kept.get(principal) };
}
