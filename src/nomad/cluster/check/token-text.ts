import { iso, span } from "../../../text/time.ts";
import { cutName } from "../../../text/untrusted.ts";
import { short, some } from "../../../text/words.ts";
import type { TokenFound } from "./token.ts";

/**
 * Who the token is, until when, and what its rights rest on. `now`: ms since the epoch, by the server's clock; `setting`:
 * what the operator calls the token.
 */
export function tokenText(token: TokenFound, now: number, setting: string): string {
  const { kind, name = "", accessor = "", expires } = token;
  const parts = (...texts: readonly string[]) => texts.filter((text) => text !== "").join("; ");
  const life = expires === undefined ? "never expires" : `expires in ${span(expires - now)} (${iso(expires)})`;
  const who = `${cutName(name, 80) || "no name"} (${kind}, accessor ${short(accessor)})`;
  switch (kind) {
    case "off":
      return "none is needed, the cluster has no ACLs: whoever reaches it may do everything";
    case "refused":
      return `unknown to Nomad, or expired: set a valid one (${setting})`;
    case "anonymous": {
      const nobody = `none is set (${setting}), so that Nomad takes us for anonymous`;
      return token.missing.length > 0 ? `${nobody}, for whom there is no policy` : parts(nobody, grounds(token));
    }
    case "workload":
      return parts("that of a task (workload identity)", grounds(token));
    case "management":
      return parts(who, "may do everything", life);
    case "client":
      return parts(who, grounds(token), life);
  }
}

/** Its roles and policies. */
function grounds({ roles, policies, missing, unread }: TokenFound): string {
  const known = policies.filter((each) => !missing.includes(each) && !unread.includes(`policy ${each}`));
  return [
    named("role", "roles", roles),
    known.length + unread.length > 0 ? named("policy", "policies", known) : "no policy",
    missing.length > 0 &&
      `${named("policy", "policies", missing)} that ${missing.length === 1 ? "does" : "do"} not exist`,
    unread.length > 0 && `${some(unread.map(plain), 5)} that cannot be read`,
  ]
    .filter(Boolean)
    .join(", ");
}

function named(one: string, many: string, names: readonly string[]): string {
  return names.length === 0 ? "" : `${names.length === 1 ? one : many} ${some(names.map(plain), 20)}`;
}

const plain = (name: string) => cutName(name, 80);
