import { createHash } from "node:crypto";
import type { Claims } from "../jwt/verify.ts";

/**
 * What says of one token, or of one time that somebody signed in, when and which it is, and nothing of what they may: by RFC 7519,
 * OpenID Connect, and, from `session_state` on, Keycloak (its session) and Entra ID.
 */
const passing: ReadonlySet<string> = new Set([
  ...["exp", "iat", "nbf", "jti", "auth_time", "nonce", "sid"],
  ...["session_state", "uti", "aio", "rh"],
]);

/**
 * What two tokens have in common that say the same of their owner: a digest of all their claims but those that each token, or each
 * sign-in, has anew. Rules of others may go by any of these claims, so none is left out that is not known to be such.
 */
export function lastingClaims(claims: Claims): string {
  const lasting = Object.entries(claims).filter(([name]) => !passing.has(name));
  return createHash("sha256")
    .update(JSON.stringify(Object.fromEntries(lasting), inOrder))
    .digest("base64url");
}

/** In which order a provider writes the members of an object says nothing. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
