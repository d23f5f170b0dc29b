import { literal } from "../../api/request/path.ts";
import type { AclToken } from "../../endpoints/acl.ts";
import { acl } from "../../endpoints/acl.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { short } from "../../text/words.ts";
import { readPolicies } from "../cluster/check/token.ts";
import { ifGiven } from "../shared/parts.ts";
import { mayLines } from "./may.ts";
import { findPolicy, findRole, findToken, ownToken, readBindingRules } from "./read-acl.ts";
import { bindingText, life, named, taskOf, tokenHas, tokenName } from "./words.ts";

/** So many holders are named. */
const mostHolders = 12;

/** What a policy lets its holder do, and who holds it. @throws Refusal where there is none of that name. */
export async function explainPolicy(nomad: NomadClient, given: string): Promise<Answer> {
  const { Name, Description, JobACL } = await findPolicy(nomad, given);
  const [granted, roles, tokens] = await Promise.all([
    readPolicies(nomad, [Name]),
    nomad.list(acl.roles),
    holders(nomad, `${literal(Name)} in Policies`),
  ]);
  const held = roles.items.filter(({ Policies }) => Policies?.some((policy) => policy.Name === Name));
  const who = [
    named(
      "role",
      "roles",
      held.map((role) => role.Name),
    ),
    ...(tokens === undefined ? [] : [tokens]),
  ].filter(Boolean);
  return {
    headline: `Policy ${Name}${Description ? ` (${quotedLine(Description, 120)})` : ""}: its holder may`,
    sections: [
      ...may(granted),
      JobACL ? `Held by the tasks' own identities of ${taskOf(JobACL)}` : false,
      Name === "anonymous" && "Held by whoever sends no token",
      who.length > 0 && `Held by: ${who.join(", ")}`,
      tokens === "" && held.length === 0 && !JobACL && Name !== "anonymous" && "Held by nobody",
    ],
    data: { policy: Name, may: mayLines(granted.rules) },
  };
}

/** What a role lets its holder do, and who gets it. @throws Refusal where there is none of that name. */
export async function explainRole(nomad: NomadClient, given: string): Promise<Answer> {
  const { ID, Name, Description, Policies } = await findRole(nomad, given);
  const names = (Policies ?? []).map((policy) => policy.Name);
  const [granted, rules, tokens] = await Promise.all([
    readPolicies(nomad, names),
    ifGiven(readBindingRules(nomad)),
    holders(nomad, `any Roles as role { role.ID == ${literal(ID)} }`),
  ]);
  const given_by = (rules?.read ?? []).filter((rule) => rule.BindType === "role" && rule.BindName === Name);
  const about = Description ? ` (${quotedLine(Description, 120)})` : "";
  return {
    headline: `Role ${Name}${about}, ${named("policy", "policies", names) || "no policy"}: its holder may`,
    sections: [
      ...may(granted),
      tokens !== undefined && tokens !== "" && `Held by: ${tokens}`,
      tokens === "" && given_by.length === 0 && "Held by nobody",
      ...given_by.map((rule) => `Given to: ${bindingText(rule)}`),
    ],
    data: { role: Name, id: ID, policies: names, may: mayLines(granted.rules) },
  };
}

/** What a token's holder may do, and how long. Of the token, nothing is read that would let anybody use it. @throws Refusal */
export async function explainToken(nomad: NomadClient, given: string): Promise<Answer> {
  const token = await findToken(nomad, given);
  const [roles, own] = await Promise.all([nomad.list(acl.roles), ownToken(nomad)]);
  const roleNames = new Map(roles.items.map(({ ID, Name }) => [ID, Name]));
  const ofRoles = (token.Roles ?? []).flatMap(({ ID }) => roles.items.find((role) => role.ID === ID)?.Policies ?? []);
  const names = [...(token.Policies ?? []), ...ofRoles.map(({ Name }) => Name)];
  const used = own?.AccessorID === token.AccessorID ? ", used by this server" : "";
  const who = `Token ${tokenName(token)}${used}, ${life(token, nomad.now())}`;
  const data = { accessor_id: token.AccessorID, name: token.Name, type: token.Type, expires: token.ExpirationTime };
  if (token.Type === "management") return { headline: `${who}: its holder may do everything`, data };
  const granted = await readPolicies(nomad, names);
  return {
    headline: `${who}, ${tokenHas(token, roleNames) || "no policy"}: its holder may`,
    sections: may(granted),
    data: { ...data, policies: granted.policies, may: mayLines(granted.rules) },
  };
}

/** What policies grant, and which of them do not. */
function may({ rules, missing, unread }: Awaited<ReturnType<typeof readPolicies>>): string[] {
  const lines = mayLines(rules);
  return [
    ...(lines.length > 0 ? lines : unread.length === 0 ? ["nothing"] : []),
    ...(missing.length > 0
      ? [
          `Wrong: ${named("policy", "policies", missing)} ${missing.length === 1 ? "does" : "do"} not exist: nothing comes of that`,
        ]
      : []),
    ...(unread.length > 0 ? [`Not known: ${unread.slice(0, 5).join(", ")} cannot be read`] : []),
  ].map((line) => (/^(Wrong|Not known)/.test(line) ? line : `  ${line}`));
}

/** "tokens ci (2ff4bf0c) and pager (f67f191e)"; empty where there are none, undefined where they may not be seen. */
async function holders(nomad: NomadClient, filter: string): Promise<string | undefined> {
  const found = await ifGiven(nomad.list(acl.tokens, { filter, reverse: true, per_page: mostHolders }));
  if (found === undefined) return undefined;
  const names = found.items.map(
    ({ AccessorID, Name }: AclToken) => `${quotedLine(Name, 60) || "no name"} (${short(AccessorID)})`,
  );
  return `${named("token", "tokens", names)}${found.next === undefined ? "" : " and more"}`;
}
