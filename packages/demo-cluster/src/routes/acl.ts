import { createHash } from "node:crypto";
import { HttpError, multierror, notInDemo, serverError } from "../errors.ts";
import { goDuration, goTime, HOUR, MINUTE, parseGoDuration } from "../gotime.ts";
import type { Call, Reply } from "../http.ts";
import { parseJson } from "../job/decode.ts";
import type { AclObject, Shelves } from "../state/shelf.ts";
import type { Store } from "../state/store.ts";
import type { World } from "../world.ts";
import { only } from "./lists.ts";
import { shelfGet, shelfList, shelve, unshelve } from "./shelf.ts";

type Table = Extract<keyof Shelves, `acl_${string}`>;

/** A kind of ACL object: where it stands, what names it, what a list shows of it, and Nomad's words where there is none. */
interface Noun {
  table: Table;
  key: string;
  listed?: readonly string[];
  missing: string;
  /** What deleting one says that is not there; undefined where that is no error. */
  gone?: (key: string) => HttpError;
  byAge?: boolean;
  /** What a list tells otherwise. */
  inList?: (object: AclObject) => object;
  make?: (store: Store, given: AclObject, before: AclObject | undefined) => AclObject;
}

const INDEXES = ["CreateIndex", "ModifyIndex"];

const LISTS: Record<string, Noun> = {
  policies: {
    ...{ table: "acl_policy", key: "Name", missing: "ACL policy not found" },
    listed: ["Name", "Description", "Hash", "JobACL", ...INDEXES],
  },
  roles: {
    ...{ table: "acl_roles", key: "ID", missing: "ACL role not found" },
    gone: () => serverError("ACL role not found"),
    make: makeRole,
  },
  tokens: {
    ...{ table: "acl_token", key: "AccessorID", missing: "ACL token not found", byAge: true },
    listed: [
      ...["AccessorID", "Name", "Type", "Policies", "Roles", "Global", "Hash", "CreateTime", "ExpirationTime"],
      ...INDEXES,
    ],
    // a list does not look up what roles are called
    inList({ Policies, Roles }) {
      const roles = (Roles ?? []) as { ID: string }[];
      const links = roles.length > 0 ? roles.map(({ ID }) => ({ ID, Name: "" })) : null;
      return { Policies: (Policies as string[] | null)?.length ? Policies : null, Roles: links };
    },
    gone: (key) => new HttpError(400, `Cannot delete nonexistent tokens: ${key}`),
    make: makeToken,
  },
  "auth-methods": {
    ...{ table: "acl_auth_methods", key: "Name", missing: "ACL auth-method not found" },
    listed: ["Name", "Type", "Default", "Hash", ...INDEXES],
    gone: () => serverError("ACL auth method not found"),
  },
  "binding-rules": {
    ...{ table: "acl_binding_rules", key: "ID", missing: "ACL binding rule not found" },
    listed: ["ID", "AuthMethod", "Description", "Hash", ...INDEXES],
    gone: () => serverError("ACL binding rule not found"),
    make: makeBindingRule,
  },
};

const ONES: Record<string, Noun | undefined> = {
  ...{ policy: LISTS.policies, role: LISTS.roles, token: LISTS.tokens },
  ...{ "auth-method": LISTS["auth-methods"], "binding-rule": LISTS["binding-rules"] },
};

/** GET /v1/acl/token/self: the token that stands for everybody, where there are no ACLs and where there are. */
export function ownToken({ acl }: World): Reply {
  const never = { CreateTime: "0001-01-01T00:00:00Z", ExpirationTime: null, ExpirationTTL: "" };
  const nobody = acl
    ? { AccessorID: "6b1c5a2e-0d4f-4a37-9c57-1f0e8a3b2d10", SecretID: "", Name: "Bootstrap Token", Type: "management" }
    : { AccessorID: "acls-disabled", SecretID: "", Name: "ACLs disabled token", Type: "client" };
  const nothing = { Policies: null, Roles: null, Global: acl, Hash: null, CreateIndex: 0, ModifyIndex: 0 };
  return { json: { ...nobody, ...nothing, ...never }, index: 0, meta: true };
}

/** Everything else under /v1/acl/, where the demo has ACLs: who asks is taken for somebody who may do all. */
export function acl({ store, acl: on }: World, call: Call): Promise<Reply> | Reply {
  if (!on) throw new HttpError(400, "ACL support disabled");
  const [, kind = "", key, name, more] = call.path.split("/");
  const list = Object.hasOwn(LISTS, kind) ? LISTS[kind] : undefined;
  if (list && key === undefined) return listOf(store, call, list);
  const noun = Object.hasOwn(ONES, kind) ? ONES[kind] : undefined;
  if (!noun || more !== undefined || key === "self") throw notInDemo(`/v1/${call.path}`);
  if (kind === "role" && key === "name" && name !== undefined) return roleNamed(store, call, name);
  if (name !== undefined) throw notInDemo(`/v1/${call.path}`);
  if (call.method === "PUT" || call.method === "POST") return putOne(store, call, noun, key);
  if (key === undefined) throw new HttpError(405, "Invalid method");
  if (call.method === "DELETE") {
    if (noun.gone && !store.shelf[noun.table].has(key)) throw noun.gone(key);
    return { index: unshelve(store, noun.table, key) };
  }
  return shelfGet(store, call, noun.table, { key, missing: noun.missing });
}

function listOf(store: Store, call: Call, { table, listed, byAge = false, inList = () => ({}) }: Noun): Promise<Reply> {
  const prefix = call.query.get("prefix") ?? "";
  return shelfList(store, call, table, {
    among: (_object, key) => key.startsWith(prefix),
    byAge: byAge && prefix === "",
    stub: (object) =>
      listed
        ? { ...Object.fromEntries(listed.map((each) => [each, object[each] ?? null])), ...inList(object) }
        : object,
  });
}

function roleNamed(store: Store, call: Call, name: string): Promise<Reply> {
  const [key = ""] = [...store.shelf.acl_roles].find(([, { Name }]) => Name === name) ?? [];
  return shelfGet(store, call, "acl_roles", { key, missing: "ACL role not found" });
}

function putOne(store: Store, call: Call, { table, key, make }: Noun, named: string | undefined): Reply {
  only(call, "PUT", "POST");
  if (!make) throw notInDemo(`writing what is under /v1/${call.path}`);
  const given = (parseJson(call.body) ?? {}) as AclObject;
  const before = named === undefined ? undefined : store.shelf[table].get(named);
  const made = make(store, given, before);
  const Hash = createHash("sha256").update(JSON.stringify(made)).digest("base64");
  const kept = shelve(store, table, String(made[key]), { ...made, Hash });
  return { json: kept, index: kept.ModifyIndex };
}

const indexes = { CreateIndex: 0, ModifyIndex: 0 };

function invalid(what: string, why: string): HttpError {
  return new HttpError(400, `${what} 0 invalid: ${multierror([why])}`);
}

function makeRole(store: Store, given: AclObject, before: AclObject | undefined): AclObject {
  const { Name = "", Description = "" } = given;
  const policies = (given.Policies ?? []) as { Name: string }[];
  if (policies.length === 0) throw invalid("role", "at least one policy should be specified");
  for (const { Name: policy } of policies)
    if (!store.shelf.acl_policy.has(policy)) throw new HttpError(400, `cannot find policy ${policy}`);
  return { ...indexes, ID: before?.ID ?? store.chance.uuid(), Name, Description, Policies: policies };
}

function makeToken(store: Store, given: AclObject, before: AclObject | undefined): AclObject {
  const { Name = "", Type = "", Policies = null, Global = false } = given;
  const asked = (given.Roles ?? []) as { ID?: string; Name?: string }[];
  if (Type !== "client" && Type !== "management") throw invalid("token", "token type must be client or management");
  const count = ((Policies ?? []) as string[]).length + asked.length;
  if (Type === "client" && count === 0) throw invalid("token", "client token missing policies or roles");
  const Roles = asked.map(({ ID, Name: name }) => {
    const found = [...store.shelf.acl_roles.values()].find((role) => role.ID === ID || role.Name === name);
    if (!found) throw new HttpError(400, `cannot find role ${ID || name}`);
    return { ID: found.ID, Name: found.Name };
  });
  const rights = Roles.length > 0 ? { Policies: Policies ?? [], Roles } : { Policies, Roles: null };
  const now = store.stamp();
  const ttl = given.ExpirationTTL ? parseGoDuration(String(given.ExpirationTTL)) : 0;
  if (typeof ttl !== "number") throw new HttpError(400, ttl.error);
  const was = `(was ${goDuration(ttl)})`;
  if (ttl > 24 * HOUR) throw invalid("token", `expiration time cannot be more than 24h0m0s in the future ${was}`);
  if (ttl !== 0 && ttl < MINUTE)
    throw invalid("token", `expiration time cannot be less than 1m0s in the future ${was}`);
  const fresh = {
    AccessorID: store.chance.uuid(),
    SecretID: store.chance.uuid(),
    CreateTime: goTime(now),
    ExpirationTTL: ttl > 0 ? goDuration(ttl) : "",
    ExpirationTime: ttl > 0 ? goTime(now + ttl) : null,
  };
  const { AccessorID, SecretID, CreateTime, ExpirationTTL, ExpirationTime } = before ?? fresh;
  const kept = { AccessorID, SecretID, CreateTime, ExpirationTTL, ExpirationTime };
  return { ...indexes, ...kept, Name, Type, Global, ...rights };
}

function makeBindingRule(store: Store, given: AclObject, before: AclObject | undefined): AclObject {
  const { AuthMethod = "", Description = "", Selector = "", BindType = "", BindName = "" } = given;
  if (!store.shelf.acl_auth_methods.has(String(AuthMethod)))
    throw new HttpError(400, `ACL auth method ${AuthMethod} not found`);
  const ModifyTime = goTime(store.stamp());
  const { ID, CreateTime } = before ?? { ID: store.chance.uuid(), CreateTime: ModifyTime };
  return { ...indexes, ID, AuthMethod, Description, Selector, BindType, BindName, CreateTime, ModifyTime };
}
