import type { AclToken } from "../../endpoints/acl.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { table } from "../../text/table.ts";
import { cutName } from "../../text/untrusted.ts";
import { grouped, plural, short, some } from "../../text/words.ts";
import { toolCall } from "../shared/next-step.ts";
import type { AclOverview } from "./read-acl.ts";
import { bindingText, expiry, named, policyName, tokenHas } from "./words.ts";

const mostNamed = 25;

/** What of ACL objects there is, and what is wrong with it; `cursor`: that of the page of tokens which was asked for. */
export function overviewAnswer(nomad: NomadClient, found: AclOverview, cursor: string | undefined): Answer {
  const { policies, roles, methods, tokens, rules, own } = found;
  const roleNames = new Map(roles.map(({ ID, Name }) => [ID, Name]));
  const rows = tokens?.items ?? [];
  const first = policies.find(({ Name }) => Name !== "anonymous");
  return {
    headline: cursor === undefined ? headline(found) : `ACLs: ${plural(rows.length, "more token")}`,
    sections: [
      ...(cursor === undefined ? objects(found) : []),
      ...(tokens === undefined ? [hidden] : []),
      rows.length > 0 && `\n${tokenTable(rows, roleNames, own, nomad.now())}`,
      ...(tokens === undefined ? [] : faults(found)).map((line, index) => (index === 0 ? `\n${line}` : line)),
    ],
    next: [
      ...(tokens?.next === undefined ? [] : [`cursor=${tokens.next} goes on with the tokens`]),
      ...(first === undefined || cursor !== undefined
        ? []
        : [`${toolCall(nomad.in(nomad.home), "list_acl", { policy: first.Name })} says what its holder may do`]),
    ],
    data: {
      enabled: true,
      policies: policies.map(({ Name, Description }) => ({ name: Name, description: Description })),
      roles: roles.map(({ ID, Name, Policies }) => ({
        id: ID,
        name: Name,
        policies: (Policies ?? []).map((policy) => policy.Name),
      })),
      tokens: rows.map(({ AccessorID, Name, Type, Policies, Roles, ExpirationTime }) => ({
        ...{ accessor_id: AccessorID, name: Name, type: Type, policies: Policies ?? [], expires: ExpirationTime },
        roles: (Roles ?? []).map(({ ID }) => roleNames.get(ID) ?? ID),
      })),
      auth_methods: methods.map(({ Name, Type }) => ({ name: Name, type: Type })),
      binding_rules: rules?.read,
      cursor: tokens?.next,
    },
  };
}

const hidden = "Policies and roles of others, tokens and binding rules are shown to a management token only";

function headline({ policies, roles, methods, tokens, rules }: AclOverview): string {
  const counts = [
    plural(policies.length, "policy", "policies"),
    ...(roles.length > 0 ? [plural(roles.length, "role")] : []),
    ...(tokens ? [`${tokens.next === undefined ? "" : "more than "}${plural(tokens.items.length, "token")}`] : []),
    ...(methods.length > 0 ? [plural(methods.length, "auth method")] : []),
    ...(rules && rules.count > 0 ? [plural(rules.count, "binding rule")] : []),
  ];
  return `${tokens === undefined ? "What this server's token has of ACLs" : "ACLs"}: ${counts.join(", ")}`;
}

function objects({ policies, roles, methods, rules }: AclOverview): (string | false)[] {
  const inRole = roles.map(({ Name, Policies }) => {
    const names = (Policies ?? []).map((policy) => policy.Name);
    return `${cutName(Name, 80)} (${named("policy", "policies", names) || "no policy"})`;
  });
  const more = (rules?.count ?? 0) - (rules?.read.length ?? 0);
  return [
    policies.length > 0 && `Policies: ${some(policies.map(policyName), mostNamed)}`,
    roles.length > 0 && `Roles: ${some(inRole, mostNamed)}`,
    methods.length > 0 &&
      `Logins: ${some(
        methods.map(({ Name, Type, Default }) => `${Name} (${Type}${Default ? ", the default" : ""})`),
        mostNamed,
      )}`,
    ...(rules?.read ?? []).map((rule) => `  ${bindingText(rule)}`),
    more > 0 && `  ${grouped(more)} more binding rules`,
  ];
}

function tokenTable(
  tokens: readonly AclToken[],
  roleNames: ReadonlyMap<string, string>,
  own: string | undefined,
  now: number,
): string {
  return table(
    ["token", "accessor", "has", "expires", ""],
    tokens.map((token) => [
      cutName(token.Name, 60) || "no name",
      short(token.AccessorID),
      tokenHas(token, roleNames),
      expiry(token, now),
      token.AccessorID === own ? "used by this server" : "",
    ]),
  );
}

/** What grants nothing although it looks as if it did: Nomad takes names of policies that there are not. */
function faults({ policies, roles, tokens }: AclOverview): string[] {
  const known = new Set(policies.map(({ Name }) => Name));
  const missing = (names: readonly string[]) => names.filter((name) => !known.has(name));
  const lacking = [
    ...roles.map(({ Name, Policies }) => ({
      who: `role ${cutName(Name, 80)}`,
      names: missing((Policies ?? []).map((policy) => policy.Name)),
    })),
    ...(tokens?.items ?? []).map(({ AccessorID, Name, Policies }) => ({
      who: `token ${cutName(Name, 80) || short(AccessorID)}`,
      names: missing(Policies ?? []),
    })),
  ].filter(({ names }) => names.length > 0);
  return lacking.slice(0, 5).map(({ who, names }) => {
    const which = named("policy", "policies", names);
    return `Wrong: ${who} names ${which}, which ${names.length === 1 ? "does not exist and grants" : "do not exist and grant"} nothing`;
  });
}
