import { endpoint } from "./endpoint.ts";
import type { Need } from "./needs.ts";
import { fields, flag, type Infer, id, list, maybe, optional, text, texts } from "./schema.ts";

// The slices of Nomad's ACL objects that we read (nomad/structs/acl.go, acl/policy.go).

const token = fields({
  /** `anonymous` where no token was sent, `acls-disabled` where the cluster has no ACLs (Nomad 1.10.2 and later). */
  AccessorID: text,
  Name: text,
  Type: text,
  Policies: texts,
  Roles: maybe(list(fields({ ID: id, Name: text }))),
  /** Null where the token never expires. */
  ExpirationTime: optional(maybe(text)),
});
const role = fields({ ID: id, Name: text, Description: text, Policies: maybe(list(fields({ Name: id }))) });

/** One word for all: `deny`, `list`, `read`, `write`. */
const level = optional(maybe(fields({ Policy: text })));
/** Capabilities for what a name or a pattern with `*` fits. */
const named = fields({ Name: text, Capabilities: texts });
const paths = maybe(list(fields({ PathSpec: text, Capabilities: texts })));
const inNamespace = fields({ ...named.fields, Variables: optional(maybe(fields({ Paths: paths }))) });
const rules = fields({
  Namespaces: optional(maybe(list(inNamespace))),
  NodePools: optional(maybe(list(named))),
  /** Those that nodes are configured with. */
  HostVolumes: optional(maybe(list(named))),
  Node: level,
  Agent: level,
  Operator: optional(maybe(fields({ Policy: text, Capabilities: optional(texts) }))),
  Plugin: level,
  /** Of Nomad Enterprise. */
  Quota: level,
});
/** Whose identity has the policy: the tasks of a job, of a group of it, or one task. */
const jobAcl = fields({ Namespace: text, JobID: text, Group: optional(text), Task: optional(text) });
const policyStub = fields({ Name: id, Description: text, JobACL: optional(maybe(jobAcl)) });
/** `RulesJSON`: the rules as Nomad itself read them, its short forms (`policy = "read"`) expanded into capabilities. */
const policy = fields({ ...policyStub.fields, RulesJSON: optional(maybe(rules)) });

/** As a login answers, which alone shows the secret; times are those of Nomad's own clock. */
const newToken = fields({ ...token.fields, SecretID: text, CreateTime: text });
const authMethod = fields({ Name: id, Type: text, Default: flag });
/** `Selector`: the condition on what the login says of itself; empty fits everybody. `BindName`: of the role or policy. */
const bindingRule = fields({ ID: id, AuthMethod: text, Selector: text, BindType: text, BindName: text });

export type AclToken = Infer<typeof token>;
export type AclRole = Infer<typeof role>;
export type AclPolicyStub = Infer<typeof policyStub>;
export type AclPolicy = Infer<typeof policy>;
export type AuthMethod = Infer<typeof authMethod>;
export type BindingRule = Infer<typeof bindingRule>;
export type AclRules = Infer<typeof rules>;
export type NamedRule = Infer<typeof named>;

const management: Need = { of: "management" };

/** Any token may list and read itself, its roles and its policies; those of others only a management token. */
export const acl = {
  self: endpoint({ method: "GET", path: "/v1/acl/token/self", reply: token, needs: [], reach: "cluster" }),
  policiesOfSelf: endpoint({
    method: "GET",
    path: "/v1/acl/policy/self",
    reply: list(fields({ Name: id })),
    needs: [],
    reach: "cluster",
    since: "1.10.2",
  }),
  policy: endpoint({
    method: "GET",
    path: "/v1/acl/policy/:name",
    reply: policy,
    needs: [management],
    reach: "cluster",
  }),
  role: endpoint({ method: "GET", path: "/v1/acl/role/:role_id", reply: role, needs: [management], reach: "cluster" }),
  /** All of them for a management token, else those that the token has. Neither filter nor pages. */
  policies: endpoint({ method: "GET", path: "/v1/acl/policies", reply: list(policyStub), needs: [], reach: "cluster" }),
  roles: endpoint({
    method: "GET",
    path: "/v1/acl/roles",
    reply: list(role),
    needs: [],
    reach: "cluster",
    since: "1.4.0",
  }),
  /** Without their secrets, and without the names of their roles. */
  tokens: endpoint({
    method: "GET",
    path: "/v1/acl/tokens",
    reply: list(token),
    needs: [management],
    reach: "cluster",
  }),
  /** The command that shows one token prints its secret: shown is that it is no longer listed. */
  revoke: endpoint({
    method: "DELETE",
    path: "/v1/acl/token/:accessor_id",
    reply: "bytes",
    needs: [management],
    reach: "cluster",
    shows: "acl token list",
  }),
  /**
   * Sent without a token. It asks: what it writes is a token for whoever shows who they are, which ends by itself; nothing that
   * there is changes, so that it needs nobody's consent, and those who may only read sign in by it, too.
   */
  login: endpoint({
    method: "POST",
    path: "/v1/acl/login",
    reply: newToken,
    needs: [],
    reach: "cluster",
    asks: true,
    since: "1.5.4",
  }),
  authMethods: endpoint({
    method: "GET",
    path: "/v1/acl/auth-methods",
    reply: list(authMethod),
    needs: [],
    reach: "cluster",
    since: "1.5.0",
  }),
  /** Names of methods only: what each gives stands in the rule itself. */
  bindingRules: endpoint({
    method: "GET",
    path: "/v1/acl/binding-rules",
    reply: list(fields({ ID: id, AuthMethod: text })),
    needs: [management],
    reach: "cluster",
    since: "1.5.0",
  }),
  bindingRule: endpoint({
    method: "GET",
    path: "/v1/acl/binding-rule/:rule_id",
    reply: bindingRule,
    needs: [management],
    reach: "cluster",
    since: "1.5.0",
  }),
};
