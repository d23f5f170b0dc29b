import { HttpError } from "../errors.ts";
import type { Reply } from "../http.ts";

/** GET /v1/acl/token/self: the token that stands for everybody where there are no ACLs. */
export function ownToken(): Reply {
  const never = { CreateTime: "0001-01-01T00:00:00Z", ExpirationTime: null, ExpirationTTL: "" };
  const nobody = { AccessorID: "acls-disabled", SecretID: "", Name: "ACLs disabled token", Type: "client" };
  const nothing = { Policies: null, Roles: null, Global: false, Hash: null, CreateIndex: 0, ModifyIndex: 0 };
  return { json: { ...nobody, ...nothing, ...never }, index: 0, meta: true };
}

/** Everything else under /v1/acl/: the demo has no ACLs. */
export function acl(): never {
  throw new HttpError(400, "ACL support disabled");
}
