import type { Keys } from "./keys.ts";
import type { Principal } from "./principal.ts";

/** What a request brings to show who makes it. */
export interface Credentials {
  /** The header Authorization as it came; undefined where there is none. */
  readonly authorization: string | undefined;
}

/** Why it is not known who calls, or why they may not. */
export interface NotLetIn {
  /** Whose matter it is: the caller's, who shows nothing that holds or may not call, or that of a service that knows callers. */
  readonly kind: "unauthorized" | "forbidden" | "unavailable";
  /** What is so, why, and what to do next. Nothing of what was shown is in it. */
  readonly detail: string;
  /** Headers of the answer, such as WWW-Authenticate. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A way to know who calls. */
export interface Authenticator {
  identify(credentials: Credentials): Promise<{ readonly principal: Principal } | { readonly refused: NotLetIn }>;
}

/** Who calls is whose key it is. */
export function byKey(keys: Pick<Keys, "find">): Authenticator {
  return {
    async identify({ authorization = "" }) {
      const [, key] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
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
    async identify(credentials) {
      return /^Bearer +\S+$/i.test(credentials.authorization ?? "")
        ? await nobody.identify(credentials)
        : { principal: { name: "anybody", auth: "none", role: undefined } };
    },
  };
}
