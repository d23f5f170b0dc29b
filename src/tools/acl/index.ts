import { defineToolset } from "../context.ts";
import { listAcl } from "./list-acl.ts";
import { revokeToken } from "./revoke-token.ts";

export const acl = defineToolset({
  name: "acl",
  optIn: true,
  description: "Who may do what: policies, roles, tokens and logins of Nomad's ACLs.",
  tools: [listAcl, revokeToken],
});
