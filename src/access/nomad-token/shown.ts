import type { CallerToken } from "../../api/request/connection.ts";
import type { Principal } from "../principal.ts";
import { shownBeside } from "../shown.ts";

/** A Nomad token that a caller has shown. */
export interface ShownToken {
  readonly token: string;
  /** The id by which Nomad names it. */
  readonly accessor: string;
}

const tokens = shownBeside<ShownToken>();

/** Keeps the Nomad token with which a request has shown who makes it. */
export const keepNomadToken = tokens.keep;

/** The Nomad token that this request has brought, known to Nomad a minute ago at most. */
export const nomadTokenOf = tokens.of;

/**
 * The token that one caller has shown last, for their requests to the cluster that knows it. It goes nowhere else: to no log, no answer,
 * and no other address. `known`: told of it before anything is said of it, and not only once it was sent.
 */
export function shownToken(known: (token: string) => void): {
  at(): CallerToken;
  /** A request of the caller, whose token it is from now on. @throws Error where it has shown none: the server's own would else go. */
  shown(principal: Principal): void;
} {
  let last: ShownToken | undefined;
  const theirs: CallerToken = {
    async current() {
      if (last === undefined) throw new Error("a caller's Nomad token is missing");
      return last.token;
    },
    accessor: () => last?.accessor,
  };
  return {
    at: () => theirs,
    shown(principal) {
      last = nomadTokenOf(principal);
      if (last === undefined) throw new Error("a caller's Nomad token is missing");
      known(last.token);
    },
  };
}
