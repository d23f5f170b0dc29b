import { NomadError } from "../../../api/errors/errors.ts";
import { type AclRules, acl } from "../../../endpoints/acl.ts";
import { jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { fromGoTime } from "../../../text/time.ts";
import { type Rights, rightsOf, unlimited, untold } from "./rights.ts";

/** Who Nomad takes us for, and what that may do. */
export interface TokenFound {
  /**
   * `off`: the cluster has no ACLs; `anonymous`: no token was sent; `workload`: a task's own token; `refused`: Nomad does
   * not know the token, or it has expired.
   */
  readonly kind: "off" | "anonymous" | "client" | "management" | "workload" | "refused";
  readonly name?: string;
  readonly accessor?: string;
  /** When it expires, ms since the epoch; undefined: never. */
  readonly expires?: number | undefined;
  readonly roles: readonly string[];
  /** Those of its roles, too. */
  readonly policies: readonly string[];
  /** Policies that it names and Nomad does not have: they grant nothing. */
  readonly missing: readonly string[];
  /** Policies and roles that could not be read, so that what it may do is not known. */
  readonly unread: readonly string[];
  readonly rights: Rights;
}

const none = { roles: [], policies: [], missing: [], unread: [] };
/** More policies than this are not read. */
const mostPolicies = 100;

/**
 * Finds out who Nomad takes us for. Any token may read itself, its roles and its policies (nomad/acl_endpoint.go,
 * GetPolicy, GetRoleByID), so that nothing has to be tried out.
 *
 * @throws NomadError where Nomad cannot be asked.
 */
export async function readToken(nomad: NomadClient): Promise<TokenFound> {
  const token = await orFault(nomad.get(acl.self));
  if (token instanceof NomadError) {
    // Before Nomad 1.10.2 this is how a cluster without ACLs answers; later ones have a token for it.
    if (token.reply.includes("ACL support disabled")) return { kind: "off", ...none, rights: unlimited };
    if (isRefusal(token)) return await readWorkload(nomad);
    // Every Nomad has this route: another one answers, or the address leads to another path.
    throw token.status === 404 ? new NomadError("not_nomad", token.request, token.reply, token.status) : token;
  }
  if (token.AccessorID === "acls-disabled") return { kind: "off", ...none, rights: unlimited };
  const about = {
    ...{ name: token.Name, accessor: token.AccessorID, expires: fromGoTime(token.ExpirationTime) },
    roles: (token.Roles ?? []).map(({ Name }) => Name),
  };
  if (token.Type === "management") return { ...none, ...about, kind: "management", rights: unlimited };
  const kind = token.AccessorID === "anonymous" ? "anonymous" : "client";
  const linked = await Promise.all((token.Roles ?? []).map((role) => readRole(nomad, role)));
  const unread = linked.flatMap(({ unread }) => unread);
  const names = [...(token.Policies ?? []), ...linked.flatMap(({ policies }) => policies)];
  return { kind, ...about, ...(await readPolicies(nomad, names, unread)) };
}

/** A task's token has no accessor; its policies it may list since Nomad 1.10.2. */
async function readWorkload(nomad: NomadClient): Promise<TokenFound> {
  const policies = await orFault(nomad.list(acl.policiesOfSelf));
  if (!(policies instanceof NomadError)) {
    const names = policies.items.map(({ Name }) => Name);
    return { kind: "workload", roles: [], ...(await readPolicies(nomad, names, [])) };
  }
  // Of a task's token a cluster without ACLs says nothing else than one with them, but here.
  const policy = await orFault(nomad.get(acl.policy, { name: "anonymous" }));
  if (policy instanceof NomadError && policy.reply.includes("ACL support disabled")) {
    return { kind: "off", ...none, rights: unlimited };
  }
  const tried = await orFault(nomad.list(jobs.list, { per_page: 1 }));
  if (tried instanceof NomadError) return { kind: "refused", ...none, rights: untold };
  return { kind: "workload", ...none, unread: ["its policies"], rights: untold };
}

/** The names of a role's policies. */
async function readRole(nomad: NomadClient, { ID, Name }: { ID: string; Name: string }) {
  const role = await orFault(nomad.get(acl.role, { role_id: ID }));
  if (role instanceof NomadError) return { policies: [], unread: [`role ${Name}`] };
  return { policies: (role.Policies ?? []).map((policy) => policy.Name), unread: [] };
}

/** What policies grant together, by their names; which of them there are not, and which could not be read. */
export async function readPolicies(nomad: NomadClient, given: readonly string[], unreadRoles: readonly string[] = []) {
  const policies = [...new Set(given)];
  const read = await Promise.all(policies.slice(0, mostPolicies).map((name) => readPolicy(nomad, name)));
  const those = (fault: string) => policies.filter((_, index) => read[index] === fault);
  const unread = [
    ...unreadRoles,
    ...[...those("unread"), ...policies.slice(mostPolicies)].map((name) => `policy ${name}`),
  ];
  const rules = read.filter((each) => typeof each === "object");
  // A policy that is not known may deny what another one grants.
  return { policies, missing: those("missing"), unread, rules, rights: unread.length > 0 ? untold : rightsOf(rules) };
}

async function readPolicy(nomad: NomadClient, name: string): Promise<AclRules | "missing" | "unread"> {
  const policy = await orFault(nomad.get(acl.policy, { name }));
  if (policy instanceof NomadError) return policy.kind === "not_found" ? "missing" : "unread";
  return policy.RulesJSON ?? "unread";
}

/** What cannot be a token is taken for one of a task, and refused as such. */
function isRefusal({ kind, reply }: NomadError): boolean {
  return kind === "forbidden" || kind === "bad_token" || /ACL token|signed token/.test(reply);
}

/** What was read, or what Nomad said in its place. @throws NomadError where Nomad said nothing. */
async function orFault<T>(read: Promise<T>): Promise<T | NomadError> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof NomadError && error.status !== undefined) return error;
    throw error;
  }
}
