import { HttpError, notInDemo } from "../errors.ts";
import type { Call, Reply } from "../http.ts";
import { parseJson } from "../job/decode.ts";
import { shelfKey, type Variable } from "../state/shelf.ts";
import type { Store } from "../state/store.ts";
import type { World } from "../world.ts";
import { inNamespace } from "./lists.ts";
import { checkIndex, shelfGet, shelfList, shelve, unshelve } from "./shelf.ts";

/** A variable's values may have so many bytes. */
const LARGEST = 65_536;

function metadata({ Items: _, ...rest }: Variable): Omit<Variable, "Items"> {
  return rest;
}

/** GET /v1/vars: paths, and no values. */
export function variables({ store }: World, call: Call): Promise<Reply> {
  const prefix = call.query.get("prefix") ?? "";
  return shelfList(store, call, "variables", {
    among: (variable) => inNamespace(call)(variable) && variable.Path.startsWith(prefix),
    datum: (variable) => ({ VariableMetadata: metadata(variable) }),
    stub: metadata,
  });
}

/** /v1/var/:path. Locks are beyond the demo. */
export function variable({ store }: World, call: Call): Promise<Reply> | Reply {
  const path = call.path.slice("var/".length);
  if (path === "") throw new HttpError(400, "missing variable path");
  if ([...call.query.keys()].some((name) => name.startsWith("lock-"))) throw notInDemo("locks of variables");
  if (call.method === "PUT" || call.method === "POST") return putVariable(store, call, path);
  if (call.method === "DELETE") return deleteVariable(store, call, path);
  if (call.method !== "GET") throw new HttpError(400, "Invalid method");
  return shelfGet(store, call, "variables", { key: shelfKey(call.namespace, path), missing: "variable not found" });
}

/** The variable as it is, where it is not as the caller thinks. Its body is no JSON to Nomad: it says text. */
function conflict(store: Store, namespace: string, path: string, wanted: number | undefined): Reply | undefined {
  const now = store.shelf.variables.get(shelfKey(namespace, path));
  if (wanted === undefined || wanted === (now?.ModifyIndex ?? 0)) return undefined;
  const times = { CreateIndex: 0, CreateTime: 0, ModifyIndex: 0, ModifyTime: 0 };
  const { CreateIndex, CreateTime, Items, ModifyIndex, ModifyTime } = now ?? { ...times, Items: undefined };
  const body = { CreateIndex, CreateTime, ...(Items && { Items }), ModifyIndex, ModifyTime };
  return {
    status: 409,
    text: JSON.stringify({ ...body, Namespace: namespace, Path: path }),
    index: ModifyIndex,
  };
}

function putVariable(store: Store, call: Call, path: string): Reply {
  const { Items, Namespace } = (parseJson(call.body) ?? {}) as { Items?: Record<string, unknown>; Namespace?: string };
  if (Object.keys(Items ?? {}).length === 0) throw new HttpError(400, "variable missing required Items object");
  const items: Record<string, string> = {};
  for (const [name, value] of Object.entries(Items ?? {})) {
    if (typeof value === "string") items[name] = value;
    else
      throw new HttpError(
        400,
        `json: cannot unmarshal ${goKind(value)} into Go struct field VariableDecrypted.Items of type string`,
      );
  }
  // the body's namespace counts where the query has none
  const namespace = call.query.get("namespace") || Namespace || "default";
  checkVariable(namespace, path, items);
  const refused = conflict(store, namespace, path, checkIndex(call));
  if (refused) return refused;
  const key = shelfKey(namespace, path);
  const now = store.stamp();
  const CreateTime = store.shelf.variables.get(key)?.CreateTime ?? now;
  const indexes = { CreateIndex: 0, ModifyIndex: 0 };
  const object = { ...indexes, CreateTime, ModifyTime: now, Items: items, Namespace: namespace, Path: path };
  const kept = shelve(store, "variables", key, object);
  return { json: kept, index: kept.ModifyIndex };
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function checkVariable(namespace: string, path: string, items: Record<string, string>): void {
  const fail = (why: string) => new HttpError(400, `RPC Error:: 400,${why}`);
  if (namespace === "*") throw fail('can not target wildcard ("*")namespace');
  const size = Object.entries(items).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
  if (size > LARGEST) throw fail("variables are limited to 64KiB in total size");
  if (!/^[a-zA-Z0-9\-_~/]{1,128}$/.test(path)) throw fail(`invalid path ${JSON.stringify(path)}`);
  const [first, second, third] = path.split("/");
  if (first !== "nomad") return;
  if (second === undefined)
    throw fail(
      '"nomad" is a reserved top-level directory path, but you may write variables to "nomad/jobs", "nomad/job-templates", "nomad/sentinel", or below',
    );
  if (second === "job-templates" && third === undefined)
    throw fail(
      '"nomad/job-templates" is a reserved directory path, but you may write variables at the level below it, for example, "nomad/job-templates/template-name"',
    );
  if (second !== "jobs" && second !== "job-templates" && second !== "sentinel")
    throw fail(
      'only paths at "nomad/jobs" or "nomad/job-templates" and below are valid paths under the top-level "nomad" directory',
    );
}

/** What is not there is deleted with success. */
function deleteVariable(store: Store, call: Call, path: string): Reply {
  const refused = conflict(store, call.namespace, path, checkIndex(call));
  if (refused) return refused;
  return { status: 204, index: unshelve(store, "variables", shelfKey(call.namespace, path)) };
}
