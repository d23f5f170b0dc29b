/** The slices of Nomad's ACL objects that we read (nomad/structs/acl.go, acl/policy.go). */

/** A token, as `/v1/acl/token/self` shows it to itself. */
export interface AclToken {
  /** `anonymous` where no token was sent, `acls-disabled` where the cluster has no ACLs (Nomad 1.10.2 and later). */
  readonly AccessorID: string;
  readonly Name: string;
  readonly Type: string;
  readonly Policies: readonly string[] | null;
  readonly Roles: readonly { readonly ID: string; readonly Name: string }[] | null;
  /** A time as Go writes it; null where the token never expires. */
  readonly ExpirationTime?: string | null;
}

export interface AclRole {
  readonly Name: string;
  readonly Policies: readonly { readonly Name: string }[] | null;
}

export interface AclPolicy {
  readonly Name: string;
  /** The rules as Nomad itself read them, its short forms (`policy = "read"`) expanded into capabilities. */
  readonly RulesJSON?: AclRules | null;
}

/** The rules of a policy. */
export interface AclRules {
  readonly Namespaces?: readonly NamespaceRule[] | null;
  readonly NodePools?: readonly NamedRule[] | null;
  readonly Node?: LevelRule | null;
  readonly Agent?: LevelRule | null;
  readonly Operator?: LevelRule | null;
  readonly Plugin?: LevelRule | null;
}

/** Capabilities for what a name or a pattern with `*` fits. */
export interface NamedRule {
  readonly Name: string;
  readonly Capabilities: readonly string[] | null;
}

export interface NamespaceRule extends NamedRule {
  readonly Variables?: {
    readonly Paths: readonly { readonly PathSpec: string; readonly Capabilities: readonly string[] | null }[] | null;
  } | null;
}

/** One word for all: `deny`, `list`, `read`, `write`. */
export interface LevelRule {
  readonly Policy: string;
}

/** `/v1/agent/members`: the servers, as gossip knows them. */
export interface AgentMembers {
  readonly ServerRegion: string;
  readonly Members: readonly AgentMember[] | null;
}

export interface AgentMember {
  /** `server-1.global` */
  readonly Name: string;
  readonly Status: string;
  /** `build`: its version; `rpc_addr` and `port`: where the servers speak to each other. */
  readonly Tags: Readonly<Record<string, string>> | null;
}
