import { acl } from "../../endpoints/acl.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { ifGiven } from "./parts.ts";

/** True where nothing is hidden from the session: no ACLs or a management token, and no namespaces that are off limits. One request. */
export async function seesAll(nomad: NomadClient): Promise<boolean> {
  const token = await ifGiven(nomad.get(acl.self));
  // Before Nomad 1.10.2 a cluster without ACLs has no token at all.
  const all = token === undefined || token.Type === "management" || token.AccessorID === "acls-disabled";
  return all && !nomad.isLimited;
}
