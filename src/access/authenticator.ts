import type { X509Certificate } from "node:crypto";
import type { Keys } from "./keys.ts";
import { type Principal, principalId } from "./principal.ts";

/** What a request brings to show who makes it. */
export interface Credentials {
  /** The header Authorization as it came; undefined where there is none. */
  readonly authorization: string | undefined;
  /** The client certificate of its connection, verified; undefined where it has none, or where the connection is a proxy's. */
  certificate?(): X509Certificate | undefined;
  /** The header X-Nomad-Token as it came; undefined where there is none. Only the way by Nomad tokens heeds it. */
  readonly nomadToken?: string | undefined;
  /** Counts their guesses, where looking into one costs others something. */
  readonly guesses?: Guesses | undefined;
}

/** Counts what somebody shows that was not known before, until it is known to be good. */
export interface Guesses {
  /** Seconds to wait where there were too many. */
  count(): Promise<number | undefined>;
  /** One of those counted was none. */
  takeBack(): Promise<void>;
}

/** Why it is not known who calls, or why they may not. */
export interface NotLetIn {
  /** Whose matter it is: the caller's, who shows nothing that holds or may not call, or that of a service that knows callers. */
  readonly kind: "arguments" | "unauthorized" | "forbidden" | "too-many" | "unavailable";
  /** What is so, why, and what to do next. No key or token is in it. */
  readonly detail: string;
  /** What the operator can do about it, for the log alone. */
  readonly hint?: string;
  /** Headers of the answer, such as WWW-Authenticate. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Who calls, or why that is not known. */
export type Identified = { readonly principal: Principal } | { readonly refused: NotLetIn };

/** A way to know who calls. */
export interface Authenticator {
  /** True where what is shown is meant for this way, whether it holds or not. */
  takes(credentials: Credentials): boolean;
  identify(credentials: Credentials): Promise<Identified>;
  /** Why nobody can be let in yet by this way, such as keys of a provider that are not there; undefined where that can be. */
  notReady?(): string | undefined;
}

/** What stands behind the word Bearer; undefined where nothing does. */
export function bearerIn({ authorization = "" }: Credentials): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1];
}

/** Who calls is whose key it is. */
export function byKey(keys: Pick<Keys, "find">): Authenticator {
  return {
    takes: (credentials) => bearerIn(credentials)?.startsWith("nmcp_") ?? false,
    async identify(credentials) {
      const key = bearerIn(credentials);
      const principal = key === undefined ? undefined : keys.find(key);
      if (principal !== undefined) return { principal };
      const detail =
        key === undefined
          ? "A key is needed, in the header Authorization, behind the word Bearer. Whoever runs this server gives you one (nomad-mcp key new NAME)."
          : "The key is unknown, was taken back or has expired: ask whoever runs this server for another one.";
      const headers = { "WWW-Authenticate": key === undefined ? "Bearer" : 'Bearer error="invalid_token"' };
      return { refused: { kind: "unauthorized", detail, headers } };
    },
  };
}

/** Everybody may call, and nobody is asked who they are; a key that is shown all the same opens nothing. */
export function byNothing(): Authenticator {
  const nobody = byKey({ find: () => undefined });
  return {
    takes: () => true,
    async identify(credentials) {
      return bearerIn(credentials) !== undefined
        ? await nobody.identify(credentials)
        : { principal: { id: principalId("none"), name: "anybody", auth: "none", role: undefined } };
    },
  };
}

/** A way whose words to those who show nothing that it takes name another way as well. */
export function alsoNaming(way: Authenticator, other: string): Authenticator {
  return {
    ...way,
    async identify(credentials) {
      const known = await way.identify(credentials);
      if ("principal" in known || known.refused.kind !== "unauthorized") return known;
      return { refused: { ...known.refused, detail: `${known.refused.detail} ${other}` } };
    },
  };
}

/** Several ways beside each other: the first one that takes what is shown says who calls, and where none does, `other`. */
export function byAny(ways: readonly Authenticator[], other: Authenticator): Authenticator {
  return {
    takes: (credentials) => ways.some((way) => way.takes(credentials)),
    identify: (credentials) => (ways.find((way) => way.takes(credentials)) ?? other).identify(credentials),
    notReady: () => ways.map((way) => way.notReady?.()).find((why) => why !== undefined),
  };
}
