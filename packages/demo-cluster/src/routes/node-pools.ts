import { HttpError, multierror, notInDemo, serverError } from "../errors.ts";
import type { Call, Reply } from "../http.ts";
import { parseJson } from "../job/decode.ts";
import type { NodePool } from "../state/shelf.ts";
import type { Store } from "../state/store.ts";
import { jobStub, nodeStub } from "../state/wire.ts";
import type { World } from "../world.ts";
import { inNamespace, only, page } from "./lists.ts";
import { shelfGet, shelfList, shelve, unshelve } from "./shelf.ts";

const BUILT_IN = ["all", "default"];

/** GET /v1/node/pools, and PUT of one. */
export function nodePools({ store }: World, call: Call): Promise<Reply> | Reply {
  if (call.method === "PUT" || call.method === "POST") return putPool(store, call, undefined);
  const prefix = call.query.get("prefix") ?? "";
  return shelfList(store, call, "node_pools", { among: ({ Name }) => Name.startsWith(prefix) });
}

/** /v1/node/pool/:name, its nodes and its jobs. */
export function nodePool({ store }: World, call: Call): Promise<Reply> | Reply {
  const [, , name = "", part, more] = call.path.split("/");
  if (more !== undefined) throw new HttpError(404, "resource not found");
  if (part === "nodes") return poolNodes(store, call, name);
  if (part === "jobs") return poolJobs(store, call, name);
  if (part !== undefined) throw new HttpError(404, "resource not found");
  if (call.method === "PUT" || call.method === "POST") return putPool(store, call, name);
  if (call.method === "DELETE") return deletePool(store, name);
  return shelfGet(store, call, "node_pools", { key: name, missing: "node pool not found" });
}

function poolNodes(store: Store, call: Call, name: string): Reply {
  only(call, "GET");
  const reply = page(call, {
    items: [...store.nodes.values()].filter(({ NodePool }) => name === "all" || NodePool === name),
    order: (a, b) => (a.ID < b.ID ? -1 : 1),
    token: ({ ID }) => ID,
    stub: (node) => nodeStub(node, false, false),
  });
  return { ...reply, index: store.tables.nodes, meta: true };
}

function poolJobs(store: Store, call: Call, name: string): Reply {
  only(call, "GET");
  const reply = page(call, {
    items: [...store.jobs].filter(([, job]) => job.NodePool === name && inNamespace(call)(job)),
    datum: ([, job]) => job,
    order: ([a], [b]) => (a < b ? -1 : 1),
    token: ([, { Namespace, ID }]) => `${Namespace}.${ID}`,
    stub: ([key, job]) => jobStub(job, store.summaries.get(key), false),
  });
  return { ...reply, index: store.tables.jobs, meta: true };
}

/** What is put replaces the whole: what it leaves out is gone. */
function putPool(store: Store, call: Call, named: string | undefined): Reply {
  const { Name = "", Description = "", Meta = null, ...more } = (parseJson(call.body) ?? {}) as Partial<NodePool>;
  if (named !== undefined && Name !== named) throw new HttpError(400, "Node pool name does not match request path");
  const quoted = JSON.stringify(Name);
  if (!/^[a-zA-Z0-9\-_]{1,128}$/.test(Name)) {
    const why = `invalid name ${quoted}, must match regex ^[a-zA-Z0-9-_]{1,128}$`;
    throw new HttpError(400, `invalid node pool ${quoted}: ${multierror([why])}`);
  }
  if (BUILT_IN.includes(Name)) throw new HttpError(400, `modifying node pool ${quoted} is not allowed`);
  if (more.SchedulerConfiguration) throw serverError('Feature "Node Pools Governance" is unlicensed');
  if (more.NodeIdentityTTL) throw notInDemo("how long identities of nodes are valid");
  const rest = { Hash: "", NodeIdentityTTL: 86_400e9, SchedulerConfiguration: null, CreateIndex: 0, ModifyIndex: 0 };
  return { index: shelve(store, "node_pools", Name, { ...rest, Name, Description, Meta }).ModifyIndex };
}

function deletePool(store: Store, name: string): Reply {
  if (!store.shelf.node_pools.has(name)) throw serverError(`node pool ${name} not found`);
  const has = (what: string) => `node pool ${JSON.stringify(name)} has ${what} in regions: [global]`;
  const reasons = [
    ...([...store.jobs.values()].some((job) => job.NodePool === name && job.Status !== "dead")
      ? [has("non-terminal jobs")]
      : []),
    ...([...store.nodes.values()].some(({ NodePool }) => NodePool === name) ? [has("nodes")] : []),
  ];
  if (reasons.length > 0) throw serverError(multierror(reasons));
  return { index: unshelve(store, "node_pools", name) };
}
