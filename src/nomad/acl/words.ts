import type { AclPolicyStub, AclToken, BindingRule } from "../../endpoints/acl.ts";
import { fromGoTime, iso, span } from "../../text/time.ts";
import { cutName, quotedLine } from "../../text/untrusted.ts";
import { all, short, some } from "../../text/words.ts";

const mostNamed = 12;

/** "ci (client, accessor 2ff4bf0c)" */
export function tokenName({ AccessorID, Name, Type }: AclToken): string {
  return `${cutName(Name, 80) || "no name"} (${Type}, accessor ${short(AccessorID)})`;
}

/** "role on-call, policies dev and ops", "everything"; `roleNames`: by their ids, since a list of tokens has none. */
export function tokenHas({ Type, Policies, Roles }: AclToken, roleNames: ReadonlyMap<string, string>): string {
  if (Type === "management") return "everything";
  const roles = (Roles ?? []).map(({ ID, Name }) => Name || roleNames.get(ID) || short(ID));
  return [named("role", "roles", roles), named("policy", "policies", Policies ?? [])].filter(Boolean).join(", ");
}

/** "never", "in 58m", "12m ago"; `now`: ms by the server's clock. */
export function expiry({ ExpirationTime }: AclToken, now: number): string {
  const at = fromGoTime(ExpirationTime);
  if (at === undefined) return "never";
  return at > now ? `in ${span(at - now)}` : `${span(now - at)} ago`;
}

/** "expires in 58m (2026-11-29T12:23:37Z)", "never expires" */
export function life(token: AclToken, now: number): string {
  const at = fromGoTime(token.ExpirationTime);
  if (at === undefined) return "never expires";
  return at > now ? `expires ${expiry(token, now)} (${iso(at)})` : `expired ${expiry(token, now)}: Nomad refuses it`;
}

/** "dev (developers)", "ledger-db (of job ledger, namespace prod)" */
export function policyName({ Name, Description, JobACL }: AclPolicyStub): string {
  const about = [...(Description ? [quotedLine(Description, 80)] : []), ...(JobACL ? [`of ${taskOf(JobACL)}`] : [])];
  return about.length > 0 ? `${Name} (${about.join("; ")})` : Name;
}

/** Whose workload identity has a policy. */
export function taskOf({ Namespace, JobID, Group, Task }: NonNullable<AclPolicyStub["JobACL"]>): string {
  const part = Task ? `task ${Task} of ` : Group ? `group ${Group} of ` : "";
  return `${part}job ${JobID}, namespace ${Namespace}`;
}

/** "who logs in with corp and "ops" in list.groups gets role on-call" */
export function bindingText({ AuthMethod, Selector, BindType, BindName }: BindingRule): string {
  const who = Selector === "" ? "whoever logs in" : `who logs in`;
  const condition = Selector === "" ? "" : `, where ${quotedLine(Selector, 120)}`;
  const what = BindType === "management" ? "may do everything" : `gets ${BindType} ${quotedLine(BindName, 80)}`;
  return `${who} with ${AuthMethod}${condition}, ${what}`;
}

/** "policy dev", "policies dev and ops"; empty for none. */
export function named(one: string, many: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const plain = names.map((name) => cutName(name, 80));
  return `${names.length === 1 ? one : many} ${plain.length > mostNamed ? some(plain, mostNamed) : all(plain)}`;
}
