import { createHash } from "node:crypto";
import { goTime } from "../gotime.ts";
import type { AclObject, Shelves } from "../state/shelf.ts";
import type { Store } from "../state/store.ts";

const READ = [
  ...["list-jobs", "parse-job", "read-job", "csi-list-volume", "csi-read-volume", "read-job-scaling"],
  ...["list-scaling-policies", "read-scaling-policy", "host-volume-read"],
];

/** Who works with the demo, where it has ACLs: those who watch, those who operate, and how they sign in. Secrets are made up. */
export function addAcl(store: Store): void {
  const at = goTime(store.stamp());
  const indexes = { CreateIndex: 0, ModifyIndex: 0 };
  const policy = (Name: string, Description: string, rules: string, read: object): AclObject => {
    const nothing = {
      Agent: null,
      ExtraKeysHCL: null,
      HostVolumes: null,
      Namespaces: null,
      Node: null,
      NodePools: null,
    };
    const none = { Operator: null, Plugin: null, Quota: null, Sentinel: null };
    const RulesJSON = { ...nothing, ...none, ...read, Raw: rules };
    return { ...indexes, Name, Description, JobACL: null, Rules: rules, RulesJSON };
  };
  const namespace = (Name: string, Policy: string, Capabilities: readonly string[]) => ({
    ...{ Name, Policy, Capabilities, Variables: null },
  });
  store.write((put) => {
    const add = (table: Extract<keyof Shelves, `acl_${string}`>, key: string, object: AclObject) => {
      const Hash = createHash("sha256").update(JSON.stringify(object)).digest("base64");
      put.shelve(table, key, { ...object, Hash });
    };
    const watch = 'namespace "*" { policy = "read" }\nnode { policy = "read" }';
    const watched = { Namespaces: [namespace("*", "read", READ)], Node: { Policy: "read" } };
    add("acl_policy", "watchers", policy("watchers", "May look at everything", watch, watched));
    const operate = 'namespace "default" { capabilities = ["submit-job", "read-logs"] }\nnode { policy = "write" }';
    const operated = {
      Namespaces: [namespace("default", "", ["submit-job", "read-logs"])],
      Node: { Policy: "write" },
    };
    add("acl_policy", "operators", policy("operators", "May submit jobs and drain nodes", operate, operated));
    const role = { ID: "e6312ec5-9218-4608-8028-73f821fc84fa", Name: "on-call" };
    const Policies = [{ Name: "operators" }, { Name: "watchers" }];
    add("acl_roles", role.ID, { ...indexes, ...role, Description: "Who carries the pager", Policies });
    const never = { ExpirationTTL: "", ExpirationTime: null, CreateTime: at, Global: false };
    const token = (AccessorID: string, SecretID: string, more: object) =>
      add("acl_token", AccessorID, { ...indexes, ...never, AccessorID, SecretID, ...more });
    token("6b1c5a2e-0d4f-4a37-9c57-1f0e8a3b2d10", "3f9d2c60-1111-4b6e-8a0b-6f3b1f0c2a11", {
      ...{ Name: "Bootstrap Token", Type: "management", Policies: null, Roles: null, Global: true },
    });
    token("a533b74f-0fb2-4eea-9388-5099214a8793", "42ebcba8-2222-4ae5-80cb-f4c4440c3d62", {
      ...{ Name: "deploy pipeline", Type: "client", Policies: ["operators"], Roles: null },
    });
    token("ffbb49b1-1491-4874-99af-ee76f153f656", "2ac63bf7-3333-4329-8fd0-143645dfbe47", {
      ...{ Name: "grafana", Type: "client", Policies: ["watchers", "retired"], Roles: null },
    });
    const times = { CreateTime: at, ModifyTime: at };
    add("acl_auth_methods", "corp", {
      ...{ ...indexes, ...times, Name: "corp", Type: "JWT", Default: true, TokenLocality: "local" },
      ...{ MaxTokenTTL: "1h0m0s", TokenNameFormat: `\${auth_method_type}-\${value.email}` },
      Config: { JWKSURL: "https://idp.example/keys", BoundAudiences: ["nomad"], ClaimMappings: { email: "email" } },
    });
    const rule = { ID: "ba6ab39a-8cda-4b8d-9e2f-e316a5b63e60", AuthMethod: "corp", Selector: '"ops" in list.groups' };
    add("acl_binding_rules", rule.ID, {
      ...{ ...indexes, ...times, ...rule, Description: "", BindType: "role", BindName: role.Name },
    });
  });
}
