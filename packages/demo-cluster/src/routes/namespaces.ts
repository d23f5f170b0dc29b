import { HttpError, multierror, serverError } from "../errors.ts";
import type { Call, Reply } from "../http.ts";
import { parseJson } from "../job/decode.ts";
import { isTerminal } from "../state/job-status.ts";
import type { Namespace } from "../state/shelf.ts";
import { EMPTY_NAMESPACE } from "../state/shelf.ts";
import type { Store } from "../state/store.ts";
import type { World } from "../world.ts";
import { only } from "./lists.ts";
import { shelfGet, shelfList, shelve, unshelve } from "./shelf.ts";

/** GET /v1/namespaces. */
export function namespaces({ store }: World, call: Call): Promise<Reply> {
  const prefix = call.query.get("prefix") ?? "";
  return shelfList(store, call, "namespaces", { among: ({ Name }) => Name.startsWith(prefix) });
}

/** /v1/namespace/:name, and PUT /v1/namespace. */
export function namespace({ store }: World, call: Call): Promise<Reply> | Reply {
  const name = call.path.slice("namespace/".length);
  if (call.path === "namespace") return putNamespace(store, call, undefined);
  if (name === "") throw new HttpError(400, "Missing Namespace Name");
  if (call.method === "PUT" || call.method === "POST") return putNamespace(store, call, name);
  if (call.method === "DELETE") return deleteNamespace(store, name);
  return shelfGet(store, call, "namespaces", { key: name, missing: "Namespace not found" });
}

/** What is put replaces the whole: what it leaves out is gone. */
function putNamespace(store: Store, call: Call, named: string | undefined): Reply {
  only(call, "PUT", "POST");
  const given = (parseJson(call.body) ?? {}) as Partial<Namespace>;
  const { Name = "", Quota } = given;
  if (named !== undefined && Name !== named) throw new HttpError(400, "Namespace name does not match request path");
  if (!/^[a-zA-Z0-9-]{1,128}$/.test(Name)) {
    const why = `invalid name ${JSON.stringify(Name)}. Must match regex ^[a-zA-Z0-9-]{1,128}$`;
    throw serverError(`Invalid namespace ${JSON.stringify(Name)}: ${multierror([why])}`);
  }
  if (Quota) throw serverError(`namespace ${JSON.stringify(Name)} using non-existent quota ${JSON.stringify(Quota)}`);
  const known = Object.entries(given).filter(([field]) => field in EMPTY_NAMESPACE);
  const { ModifyIndex } = shelve(store, "namespaces", Name, { ...EMPTY_NAMESPACE, ...Object.fromEntries(known) });
  return { index: ModifyIndex };
}

function deleteNamespace(store: Store, name: string): Reply {
  if (name === "default") throw serverError("can not delete default namespace");
  if (!store.shelf.namespaces.has(name)) throw serverError("namespace not found");
  const here = ({ Namespace }: { Namespace: string }) => Namespace === name;
  const quoted = JSON.stringify(name);
  const inUse = (what: string) => `namespace ${quoted} has ${what} in regions: [global]`;
  const reasons = [
    ...([...store.jobs.values()].some((job) => here(job) && job.Status !== "dead") ? ["non-terminal jobs"] : []),
    ...([...store.allocs.values()].some((one) => here(one) && !isTerminal(one)) ? ["non-terminal allocations"] : []),
    ...([...store.shelf.variables.values()].some(here) ? ["variables associated with it"] : []),
  ];
  if (reasons.length > 0) throw serverError(multierror(reasons.map(inUse)));
  return { index: unshelve(store, "namespaces", name) };
}
