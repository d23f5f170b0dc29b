import { quotedLine } from "../../text/untrusted.ts";
import { all } from "../../text/words.ts";
import { type Authenticator, bearerIn, type Identified, type NotLetIn } from "../authenticator.ts";
import { keepBearer } from "../bearer.ts";
import { openSigningKeys } from "../jwt/signing-keys.ts";
import { type Claims, type Expected, verify } from "../jwt/verify.ts";
import { type Principal, principalId } from "../principal.ts";
import type { Role } from "../roles.ts";
import { groupsIn, roleOf } from "./groups.ts";
import { lastingClaims } from "./lasting-claims.ts";
import { challenge, metadataAddress, namesOf } from "./metadata.ts";
import { keysOf, type ProviderSettings } from "./provider.ts";

/** How people are known who sign in at the team's provider. */
export interface SignIn extends ProviderSettings {
  /** The address by which people reach this server. */
  readonly publicUrl: string;
  /** What the provider calls this server; the address itself and that of MCP where it is not said. */
  readonly audiences?: readonly string[] | undefined;
  /** The claim that names a person in logs. */
  readonly userClaim: string;
  readonly groupsClaim: string;
  readonly scopes?: readonly string[] | undefined;
  readonly roles: ReadonlyMap<string, Role>;
  /** Told when the provider's keys can no longer be read, with why, and (undefined) when they can again. */
  changed(trouble: string | undefined): void;
  /** ms since the epoch. */
  readonly now?: () => number;
  /** ms on a clock that never goes back. */
  readonly clock?: () => number;
}

/** A name is at most so long, in characters. */
const longestName = 100;

/**
 * Who calls is who the team's identity provider says, in an access token that it made for this server. Their first role, in the
 * order of the file, that one of their groups has is theirs; whoever has none may nothing.
 */
export function byProvider(signIn: SignIn): Authenticator {
  const { issuer, publicUrl, userClaim, groupsClaim, scopes, roles, changed, now = Date.now, clock } = signIn;
  const keys = openSigningKeys({ read: keysOf(signIn), changed, ...(clock && { clock }) });
  const signer = `the provider ${issuer}`;
  const audiences = signIn.audiences ?? namesOf(publicUrl);
  const again = "sign in again";
  const expected: Expected = { keys, signer, issuer, audiences, again, toEnd: `see to it at ${signer}`, now };
  const metadata = metadataAddress(publicUrl);

  const unauthorized = (detail: string, fault?: string): NotLetIn => ({
    kind: "unauthorized",
    ...{ detail, headers: { "WWW-Authenticate": challenge(metadata, scopes, fault) } },
  });

  function principalOf(claims: Claims): Identified {
    const name = nameIn(claims, userClaim);
    const groups = groupsIn(claims, groupsClaim);
    const role = roleOf(groups === "left out" ? [] : groups, roles);
    if (role === undefined) return { refused: { kind: "forbidden", ...noRole(name, groups, groupsClaim) } };
    const id = principalId("oidc", issuer, claims.sub);
    const subject = quotedLine(claims.sub, longestName);
    const principal: Principal = {
      ...{ id, name, auth: "oidc", role, expires: claims.exp * 1000 },
      ...(subject !== name && { subject }),
    };
    return { principal };
  }

  return {
    takes: (credentials) => /^[\w-]+\.[\w-]*\.[\w-]*$/.test(bearerIn(credentials) ?? ""),
    async identify(credentials) {
      const token = bearerIn(credentials);
      if (token === undefined) {
        return { refused: unauthorized(`Sign in at ${issuer}: an access token of it is needed, as Bearer.`) };
      }
      const verified = await verify(token, expected);
      if ("claims" in verified) {
        const { claims } = verified;
        const known = principalOf(claims);
        if ("principal" in known) {
          keepBearer(known.principal, { token, says: lastingClaims(claims), expires: claims.exp * 1000 });
        }
        return known;
      }
      const { fault } = verified;
      const hint = fault.hint === undefined ? {} : { hint: fault.hint };
      if (fault.kind === "unauthorized") return { refused: { ...unauthorized(fault.detail, fault.detail), ...hint } };
      return { refused: { ...fault, headers: { "Retry-After": "5" } } };
    },
    notReady() {
      const why = keys.notReady();
      return why === undefined ? undefined : `no keys of ${signer}: ${why}`;
    },
  };
}

/** What people are called: the claim, else the subject, in one line. */
function nameIn(claims: Claims, claim: string): string {
  const named = claims[claim];
  return (typeof named === "string" && quotedLine(named, longestName)) || quotedLine(claims.sub, longestName);
}

function noRole(
  name: string,
  groups: readonly string[] | "left out",
  claim: string,
): Pick<NotLetIn, "detail" | "hint"> {
  const ask = "whoever runs this server can give a role to one of your groups";
  if (groups === "left out") {
    const detail = `${name} has no role here, since the provider leaves out the groups of somebody who is in many: ${ask}.`;
    const hint = `have it send only those that are assigned to this application, or roles of the application in their place, and name that claim in NOMAD_MCP_OIDC_GROUPS_CLAIM`;
    return { detail, hint };
  }
  const has = groups.length === 0 ? `the token names no groups (claim ${claim})` : "none of your groups has one";
  const told = groups.slice(0, 10).map((group) => quotedLine(group, longestName));
  return {
    detail: `${name} has no role here: ${has}; ${ask}.`,
    hint: groups.length === 0 ? `NOMAD_MCP_OIDC_GROUPS_CLAIM names the claim` : `groups: ${all(told)}`,
  };
}
