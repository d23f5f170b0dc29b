import { errors, type JWTPayload, jwtVerify } from "jose";
import { iso } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { all } from "../../text/words.ts";
import { KeysUnavailable, type SigningKeys } from "./signing-keys.ts";

/** What a token has to be. */
export interface Expected {
  readonly keys: SigningKeys;
  /** Who signs them, as sentences call it: `the provider https://login.example.com`. */
  readonly signer: string;
  /** undefined where they need not name their issuer. */
  readonly issuer?: string | undefined;
  /** One of these. */
  readonly audiences: readonly string[];
  /** What its owner does to get another one: `sign in again`. */
  readonly again: string;
  /** How a token gets an end: `see to it at the provider`. */
  readonly toEnd: string;
  /** ms since the epoch. */
  readonly now?: () => number;
}

/** Claims of a token that holds. */
export interface Claims extends JWTPayload {
  readonly sub: string;
  readonly exp: number;
}

/** Why a token does not hold, or cannot be verified now. */
export interface Fault {
  readonly kind: "unauthorized" | "unavailable";
  readonly detail: string;
  readonly hint?: string;
}

/** By a key that only its owner has; with the others whoever can verify a token could also make one. */
const algorithms = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];
/** What clocks may differ by, in seconds. */
const tolerance = 30;
/** The types of tokens that let somebody in (RFC 9068, and providers that name it JWT or nothing). */
const types = /^(application\/)?(at\+jwt|jwt)$/i;

/**
 * Verifies a token: its signature, who signed it, for whom, and its time, which has to be limited. What it says in its header
 * of where keys are is not looked at.
 */
export async function verify(
  token: string,
  expected: Expected,
): Promise<{ readonly claims: Claims } | { readonly fault: Fault }> {
  const { keys, issuer, audiences, now = Date.now } = expected;
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys.find, {
      ...(issuer !== undefined && { issuer }),
      ...{ audience: [...audiences], algorithms, clockTolerance: tolerance, currentDate: new Date(now()) },
      requiredClaims: ["exp", "sub"],
    });
    const { typ } = protectedHeader;
    if (typ !== undefined && !types.test(typ)) return otherKind(`its type is ${quotedLine(typ, 40)}`);
    const { sub, exp } = payload;
    if (typeof sub !== "string" || sub === "" || exp === undefined) return otherKind("it names nobody (sub)");
    // What only an ID token has (OpenID Connect Core §3.3.2.11), and what Keycloak says of its others.
    if ("at_hash" in payload || "c_hash" in payload || /^(ID|Refresh|Offline|Logout)$/.test(String(payload.typ))) {
      return otherKind("it is an ID token or a refresh token");
    }
    if ("cnf" in payload) return otherKind("it is bound to a key of the program that got it (cnf)");
    return { claims: { ...payload, sub, exp } };
  } catch (error) {
    return { fault: faultOf(error, expected) };
  }
}

function unauthorized(detail: string, hint?: string): Fault {
  return { kind: "unauthorized", detail, ...(hint !== undefined && { hint }) };
}

function otherKind(why: string): { readonly fault: Fault } {
  return { fault: unauthorized(`The token is no access token that this server can take: ${why}.`) };
}

function faultOf(error: unknown, expected: Expected): Fault {
  const { signer, audiences, again } = expected;
  if (error instanceof KeysUnavailable) {
    return {
      kind: "unavailable",
      detail: `Whether the token holds cannot be told now, since the keys of ${signer} cannot be read: try again in a moment.`,
      hint: error.message,
    };
  }
  // jose refuses a key of theirs, such as one of RSA below 2,048 bits: that is nobody's fault who calls.
  if (error instanceof TypeError) {
    const detail = `Whether the token holds cannot be told, since a key of ${signer} cannot be used: whoever runs this server has to see to it there.`;
    return { kind: "unavailable", detail, hint: error.message };
  }
  if (error instanceof errors.JWTExpired) {
    const { exp } = error.payload;
    const when = exp === undefined ? "" : ` at ${iso(exp * 1000)}`;
    return unauthorized(`The token expired${when}: ${again}.`);
  }
  if (error instanceof errors.JWTClaimValidationFailed) return wrongClaim(error, expected);
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return unauthorized(`The token is not signed by an algorithm that is taken (${all(algorithms, "or")}).`);
  }
  const { JWSSignatureVerificationFailed, JWKSNoMatchingKey, JWKSMultipleMatchingKeys } = errors;
  if (
    [JWSSignatureVerificationFailed, JWKSNoMatchingKey, JWKSMultipleMatchingKeys].some((one) => error instanceof one)
  ) {
    return unauthorized(`The token is not signed with a key of ${signer}: ${again}.`);
  }
  if (error instanceof errors.JOSEError) {
    return unauthorized(
      `The token is no JWT that can be verified. ${capital(signer)} has to issue access tokens as JWTs for ${audiences[0]}, and not opaque ones.`,
    );
  }
  throw error;
}

function wrongClaim(
  { claim, reason, payload }: errors.JWTClaimValidationFailed,
  { signer, audiences, again, toEnd }: Expected,
): Fault {
  // Its signature holds, so that these are words of who signed it, and no secrets.
  const has = (value: unknown) => `it has ${claim} = ${quotedLine(JSON.stringify(value) ?? "none", 200)}`;
  if (claim === "aud") {
    const detail = `The token is not for this server: its audience (aud) has to be ${all(audiences, "or")}.`;
    return unauthorized(detail, has(payload.aud));
  }
  if (claim === "iss") return unauthorized(`The token is not one of ${signer}: ${again}.`, has(payload.iss));
  if (claim === "nbf") {
    return unauthorized(
      `The token is not valid yet: compare the clocks of this server and of ${signer}.`,
      has(payload.nbf),
    );
  }
  const why = reason === "missing" ? "is missing" : "is not right";
  const cure = claim === "exp" ? `a token has to end, so ${toEnd}` : `see to it at ${signer}`;
  return unauthorized(`The claim ${claim} of the token ${why}: ${cure}.`);
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
