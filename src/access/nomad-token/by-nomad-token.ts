import { quotedLine } from "../../text/untrusted.ts";
import { all } from "../../text/words.ts";
import { type Authenticator, bearerIn, type Credentials, type Identified, type NotLetIn } from "../authenticator.ts";
import { isLike } from "../like.ts";
import { type Principal, principalId } from "../principal.ts";
import type { Role } from "../roles.ts";
import { type Checking, createChecks } from "./checked.ts";
import type { TokenSelf } from "./self.ts";
import { keepNomadToken } from "./shown.ts";

/** How holders of Nomad tokens are known. */
export interface NomadTokens extends Checking {
  readonly roles: ReadonlyMap<string, Role>;
  /** Whether management tokens are let in, which Nomad refuses nothing. */
  readonly allowManagement: boolean;
  /** True where another way takes what stands in the header Authorization. */
  takenByOthers(credentials: Credentials): boolean;
}

/** The header that is needed, for programs. Bearer is none of it: what hosts sign in for opens nothing here. */
const challenge = { "WWW-Authenticate": 'Nomad-Token header="X-Nomad-Token"' };
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const longestName = 100;

/**
 * Who calls is whose Nomad token it is, which Nomad itself is asked before anything is done with it. It is taken in X-Nomad-Token alone:
 * an access token in Authorization must not be handed on, and this one is, with each request of its caller.
 */
export function byNomadToken({ roles, allowManagement, takenByOthers, ...checking }: NomadTokens): Authenticator {
  const checks = createChecks(checking);

  return {
    takes: (credentials) => Boolean(credentials.nomadToken) || uuid.test(bearerIn(credentials) ?? ""),
    async identify(credentials) {
      const { nomadToken: token = "", guesses } = credentials;
      const misfit = misfitOf(credentials) ?? (takenByOthers(credentials) ? twice : undefined);
      if (misfit !== undefined) return { refused: misfit };
      const checked = await checks.check(token, guesses);
      if ("wait" in checked) return { refused: waitFor(checked) };
      const { looked } = checked;
      if (!("self" in looked)) return { refused: faultOf(looked) };
      const known = principalOf(looked.self, roles, allowManagement);
      if ("refused" in known) return known;
      keepNomadToken(known.principal, { token, accessor: looked.self.accessor });
      return known;
    },
  };
}

const twice: NotLetIn = {
  kind: "arguments",
  detail: "Authorization and X-Nomad-Token both say who calls: send the one that is meant, and not the other.",
};

/** What is wrong with what is shown, as far as that can be seen without asking anybody. */
function misfitOf(credentials: Credentials): NotLetIn | undefined {
  const { nomadToken: token } = credentials;
  if (!token) {
    return unauthorized(
      bearerIn(credentials) === undefined
        ? "A Nomad token is needed, in the header X-Nomad-Token: your own, which whoever runs Nomad gives you."
        : "A Nomad token is not taken as Bearer: send it in the header X-Nomad-Token.",
    );
  }
  if (uuid.test(token)) return undefined;
  return unauthorized(
    /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)
      ? "X-Nomad-Token holds a JWT, and takes ACL tokens alone (a UUID, the Secret ID): a Nomad job shows a named identity as Bearer, where this server takes workload-identity."
      : "X-Nomad-Token holds no Nomad token: that is its Secret ID, a UUID, and nothing around it.",
  );
}

function faultOf(looked: { readonly fault: string; readonly why?: string }): NotLetIn {
  switch (looked.fault) {
    case "unknown":
      return unauthorized(
        "Nomad does not know this token: it was revoked, or is one of another cluster. Whoever runs Nomad gives you another one.",
      );
    case "expired":
      return unauthorized("The Nomad token has expired: whoever runs Nomad gives you another one.");
    case "anonymous":
      return unauthorized("To Nomad this token is nobody's (anonymous): show one of your own in X-Nomad-Token.");
    case "no ACLs":
      return {
        kind: "forbidden",
        detail: "This cluster has no ACLs and takes any token, so that none says who calls: nobody is let in by one.",
        hint: "turn ACLs on in Nomad, or let NOMAD_MCP_AUTH name another way",
      };
    case "unclear":
      return {
        kind: "unavailable",
        detail:
          "Nomad does not say whose token this is: it has expired, or Nomad is in trouble. Call again in a moment, and where that stays so, with another token.",
        headers: { "Retry-After": "5" },
      };
    default:
      return {
        kind: "unavailable",
        detail: "Nomad cannot be asked now whose token this is: call again in a moment.",
        headers: { "Retry-After": "5" },
        ...(looked.why !== undefined && { hint: looked.why }),
      };
  }
}

function waitFor({ wait, why }: { readonly wait: number; readonly why: "guesses" | "crowd" }): NotLetIn {
  const headers = { "Retry-After": String(wait) };
  return why === "guesses"
    ? {
        ...{ kind: "too-many", headers },
        detail: `Too many tokens from this address that nobody knew before: call again in ${wait}s.`,
      }
    : {
        ...{ kind: "unavailable", headers },
        detail: "Nomad is asked about too many tokens at once: call again in a moment.",
      };
}

function unauthorized(detail: string): NotLetIn {
  return { kind: "unauthorized", detail, headers: challenge };
}

function principalOf(self: TokenSelf, roles: ReadonlyMap<string, Role>, allowManagement: boolean): Identified {
  const { accessor, isManagement, grants, expires } = self;
  const name = quotedLine(self.name, longestName) || accessor;
  if (isManagement && !allowManagement) {
    return {
      refused: {
        kind: "forbidden",
        detail: `${name} is a management token, which may do everything: this server takes none, so show one with the policies that you need.`,
        hint: "NOMAD_MCP_ALLOW_MANAGEMENT=true lets them in",
      },
    };
  }
  // Nomad says what each token may; where no role is about tokens, nothing is taken away from that.
  const choosing = [...roles.values()].filter(({ nomadPolicies }) => nomadPolicies !== undefined);
  const role = choosing.find(({ nomadPolicies = [] }) => nomadPolicies.some((pattern) => fits(pattern, grants)));
  if (choosing.length > 0 && role === undefined) return { refused: noRole(name, grants) };
  const principal: Principal = {
    ...{ id: principalId("nomad-token", accessor), name, auth: "nomad-token", role },
    ...(name !== accessor && { subject: quotedLine(accessor, longestName) }),
    ...(expires !== undefined && { expires }),
  };
  return { principal };
}

/** `*` is every token, those that have neither policy nor role among them. */
function fits(pattern: string, grants: readonly string[]): boolean {
  return pattern === "*" || grants.some((each) => isLike(pattern, each));
}

function noRole(name: string, grants: readonly string[]): NotLetIn {
  const has = grants.length === 0 ? "the token has no policy" : "neither a policy nor an ACL role of the token has one";
  const told = grants.slice(0, 10).map((each) => quotedLine(each, longestName));
  return {
    kind: "forbidden",
    detail: `${name} has no role here: ${has}; whoever runs this server can name one in the nomad_policies of a role.`,
    ...(told.length > 0 && { hint: `policies and ACL roles: ${all(told)}` }),
  };
}
