import { endpoint } from "./endpoint.ts";
import type { Need } from "./needs.ts";
import { fields, type Infer, id, list, maybe, optional, text, texts } from "./schema.ts";

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
const role = fields({ Name: text, Policies: maybe(list(fields({ Name: id }))) });

/** One word for all: `deny`, `list`, `read`, `write`. */
const level = optional(maybe(fields({ Policy: text })));
/** Capabilities for what a name or a pattern with `*` fits. */
const named = fields({ Name: text, Capabilities: texts });
const paths = maybe(list(fields({ PathSpec: text, Capabilities: texts })));
const inNamespace = fields({ ...named.fields, Variables: optional(maybe(fields({ Paths: paths }))) });
const rules = fields({
  Namespaces: optional(maybe(list(inNamespace))),
  NodePools: optional(maybe(list(named))),
  Node: level,
  Agent: level,
  Operator: level,
  Plugin: level,
});
/** `RulesJSON`: the rules as Nomad itself read them, its short forms (`policy = "read"`) expanded into capabilities. */
const policy = fields({ Name: text, RulesJSON: optional(maybe(rules)) });

export type AclToken = Infer<typeof token>;
export type AclRole = Infer<typeof role>;
export type AclPolicy = Infer<typeof policy>;
export type AclRules = Infer<typeof rules>;
export type NamedRule = Infer<typeof named>;

const management: Need = { of: "management" };

/** Any token may read itself, its roles and its policies; those of others only a management token. */
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
};
