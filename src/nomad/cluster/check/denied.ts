import { NomadError } from "../../../api/errors/errors.ts";
import type { TokenLook } from "../../../api/errors/explain.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import { expired, unknown } from "../../../api/errors/rows-access.ts";
import { meaningOf } from "../../../api/errors/table.ts";
import { acl } from "../../../endpoints/acl.ts";
import { namespaces } from "../../../endpoints/namespaces.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { fromGoTime } from "../../../text/time.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { all, some } from "../../../text/words.ts";
import { ifGiven } from "../../shared/parts.ts";

/** So long may it take to find out more about a refusal, in ms. */
const patience = 3_000;
const mostNamed = 5;

/**
 * Whether a refused request was refused because of its token: Nomad says "Permission denied" of one that it does not know (also of
 * itself), that has expired, and that is for another namespace. Undefined where it was not refused so, where no token was sent, and
 * where Nomad does not tell. One request more; two where it knows the token.
 */
export async function lookAtToken(nomad: NomadClient, error: unknown): Promise<TokenLook | undefined> {
  if (!(error instanceof NomadError) || error.kind !== "forbidden" || error.request.token !== true) return undefined;
  const bounded = nomad.bounded(patience, () => {});
  try {
    const ofCaller = error.request.ofCaller !== undefined;
    const { ExpirationTime, Name, Type, Policies, Roles } = await bounded.get(acl.self);
    const expires = fromGoTime(ExpirationTime);
    if (expires !== undefined && expires <= nomad.now()) {
      return { meaning: expired(error) };
    }
    if (Type !== "client") return {};
    const seen = await ifGiven(bounded.list(namespaces.list));
    return {
      ...(ofCaller && {
        has: `Your token is ${quotedLine(Name, 80)}, with ${grounds(Policies, Roles)}: whoever runs Nomad can give you more.`,
      }),
      ...elsewhere(
        error,
        `${ofCaller ? "Your Nomad token" : "The token"} ${quotedLine(Name, 80)}`.trim(),
        (seen?.items ?? []).map((each) => each.Name),
      ),
    };
  } catch (fault) {
    // Whoever called has lost their token meanwhile: that is what it comes from.
    if (fault instanceof Refusal) return { meaning: fault.message };
    if (!(fault instanceof NomadError)) throw fault;
    // Any token may read itself: one that may not has expired, or is gone (operator-observed.md §8).
    if (fault.kind === "forbidden" && fault.reply.includes("Permission denied")) return { meaning: unknown(fault) };
    if (fault.kind !== "bad_token") return undefined;
    // A token of a task has no object of its own, which is all that is not found: it is known.
    return fault.status === 404 ? {} : { meaning: meaningOf(fault) };
  }
}

/** Its policies and roles, by their names. */
function grounds(
  policies: readonly string[] | null,
  roles: readonly { readonly Name: string }[] | null | undefined,
): string {
  const named = (one: string, many: string, names: readonly string[]) =>
    names.length === 0
      ? []
      : [
          `${names.length === 1 ? one : many} ${some(
            names.map((name) => quotedLine(name, 80)),
            mostNamed,
          )}`,
        ];
  const both = [
    ...named("policy", "policies", policies ?? []),
    ...named(
      "role",
      "roles",
      (roles ?? []).map(({ Name }) => Name),
    ),
  ];
  return both.length === 0 ? "no policy" : both.join(" and ");
}

/** That the token is for other namespaces than the one that it was used in. */
function elsewhere({ request }: NomadError, token: string, names: readonly string[]): TokenLook {
  const { namespace = "default", needs = [] } = request;
  const scoped = needs.some(({ of }) => of === "namespace" || of === "variables");
  if (!scoped || namespace === "*" || names.length === 0 || names.includes(namespace)) return {};
  const calls = names.slice(0, 2).map((name) => `namespace=${name}`);
  return {
    meaning: `${token} may do nothing in namespace ${namespace}: it is for ${names.length === 1 ? "namespace" : "namespaces"} ${some(names, mostNamed)}.\nNext: the same call with ${all(calls, "or")}`,
  };
}
