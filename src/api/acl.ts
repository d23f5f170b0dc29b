export type { AclPolicy, AclRole, AclRules, AclToken, NamedRule } from "../endpoints/acl.ts";
export type { AgentMember, AgentMembers } from "../endpoints/operator.ts";
