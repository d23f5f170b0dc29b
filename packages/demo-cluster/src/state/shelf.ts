import type { Constraint } from "./job-types.ts";

/** What every object on the shelf has. */
export interface Shelved {
  CreateIndex: number;
  ModifyIndex: number;
}

/** A dynamic host volume. */
export interface HostVolume {
  ID: string;
  Name: string;
  Namespace: string;
  NodeID: string;
  NodePool: string;
  PluginID: string;
  HostPath: string;
  State: "pending" | "ready" | "unavailable";
  RequestedCapabilities: { AttachmentMode: string; AccessMode: string }[];
  Constraints?: Constraint[];
  Parameters?: Record<string, string>;
  RequestedCapacityMinBytes: number;
  RequestedCapacityMaxBytes: number;
  CapacityBytes: number;
  CreateIndex: number;
  CreateTime: number;
  ModifyIndex: number;
  ModifyTime: number;
}

/** That a group of a job holds to a volume which it asked for as a sticky one. */
export interface VolumeClaim extends Shelved {
  ID: string;
  Namespace: string;
  JobID: string;
  TaskGroupName: string;
  AllocID: string;
  VolumeID: string;
  VolumeName: string;
}

/** A namespace. */
export interface Namespace {
  Name: string;
  Description: string;
  CreateIndex: number;
  ModifyIndex: number;
  [other: string]: unknown;
}

/** A Nomad variable. Times are ns. */
export interface Variable extends Shelved {
  Namespace: string;
  Path: string;
  Items: Record<string, string>;
  CreateTime: number;
  ModifyTime: number;
}

/** A pool that nodes are in. */
export interface NodePool extends Shelved {
  Name: string;
  Description: string;
  [other: string]: unknown;
}

/** A policy, role, token, auth method or binding rule. */
export interface AclObject extends Shelved {
  [field: string]: unknown;
}

/** What only is: objects that are listed, read, put and deleted, and do nothing. Named as Nomad's tables are. */
export interface Shelves {
  namespaces: Namespace;
  host_volumes: HostVolume;
  task_volume: VolumeClaim;
  variables: Variable;
  node_pools: NodePool;
  acl_policy: AclObject;
  acl_roles: AclObject;
  acl_token: AclObject;
  acl_auth_methods: AclObject;
  acl_binding_rules: AclObject;
}

/** The objects of each kind by what names them. */
export type Shelf = { readonly [T in keyof Shelves]: Map<string, Shelves[T]> };

/** A shelf with nothing on it. */
export function emptyShelf(): Shelf {
  return {
    ...{
      namespaces: new Map(),
      host_volumes: new Map(),
      task_volume: new Map(),
      variables: new Map(),
      node_pools: new Map(),
    },
    ...{ acl_policy: new Map(), acl_roles: new Map(), acl_token: new Map() },
    ...{ acl_auth_methods: new Map(), acl_binding_rules: new Map() },
  };
}

/** What a namespace has where nothing is said of it. */
export const EMPTY_NAMESPACE = {
  ...{ Capabilities: null, ConsulConfiguration: null, CreateIndex: 0, Description: "", Hash: "", Meta: null },
  ...{ ModifyIndex: 0, Name: "", NodePoolConfiguration: null, OptionalExtraClaims: null, Quota: "" },
  ...{ RequiredExtraClaims: null, VaultConfiguration: null },
};

/** How what belongs to a namespace is found. */
export function shelfKey(namespace: string, name: string): string {
  return `${namespace}.${name}`;
}
