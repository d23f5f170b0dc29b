import { type NodeChange, purgeNode, setEligibility, setMetadata, updateDrain } from "../cluster/node-changes.ts";
import { HttpError, notInDemo, serverError } from "../errors.ts";
import { type Call, query, type Reply } from "../http.ts";
import { parseJson } from "../job/decode.ts";
import type { Node } from "../state/node-types.ts";
import type { Store } from "../state/store.ts";
import { allocationReply, nodeStub } from "../state/wire.ts";
import type { World } from "../world.ts";
import { checkUuid, flag, only, page, uuidPrefix } from "./lists.ts";

/** GET /v1/nodes. */
export function nodes({ store }: World, call: Call): Promise<Reply> {
  only(call, "GET");
  const prefix = uuidPrefix("node", call);
  const [resources, os] = ["resources", "os"].map((name) => flag(call, name) ?? false);
  return query(
    store,
    call,
    (change) => change.table === "nodes",
    () => ({
      index: store.tables.nodes,
      reply: page(call, {
        items: [...store.nodes.values()].filter((node) => prefix(node.ID)),
        order: (a, b) => (a.ID < b.ID ? -1 : 1),
        token: (node) => node.ID,
        stub: (node) => nodeStub(node, resources ?? false, os ?? false),
      }),
    }),
  );
}

/** What changing a node answers. */
function changed(change: NodeChange, nodeIndex: number): Reply {
  const { index, evalIds, evalIndex } = change;
  return { json: { EvalCreateIndex: evalIndex, EvalIDs: evalIds, Index: index, NodeModifyIndex: nodeIndex }, index };
}

/** What a body of PUT /v1/node/:id/drain says. */
interface DrainBody {
  DrainSpec?: { Deadline?: number; IgnoreSystemJobs?: boolean } | null;
  MarkEligible?: boolean;
  Meta?: Record<string, string> | null;
}

type Action = (store: Store, node: Node | undefined, body: unknown) => Reply;

const ACTIONS: Record<string, Action> = {
  drain(store, node, body) {
    const { DrainSpec, MarkEligible = false, Meta = null } = (body ?? {}) as DrainBody;
    const spec = DrainSpec && {
      deadline: DrainSpec.Deadline ?? 0,
      ignoreSystemJobs: DrainSpec.IgnoreSystemJobs ?? false,
    };
    const change = updateDrain(store, node, { spec: spec ?? undefined, markEligible: MarkEligible, meta: Meta });
    return changed(change, change.index);
  },
  eligibility(store, node, body) {
    const { Eligibility = "" } = (body ?? {}) as { Eligibility?: string };
    return changed(setEligibility(store, node, Eligibility), 0);
  },
  purge(store, node) {
    if (!node) throw serverError("node not found");
    const change = purgeNode(store, node);
    return changed(change, change.index);
  },
};

/** /v1/node/:id, what runs there, and changing it. Evaluating nodes is beyond the demo. */
export function node({ store }: World, call: Call): Promise<Reply> | Reply {
  const [, id = "", action] = call.path.split("/");
  const act = action !== undefined && Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (act) only(call, "PUT", "POST");
  checkUuid("node", id);
  if (act) {
    const body = parseJson(call.body);
    return act(store, store.nodes.get(id), body);
  }
  if (action === "allocations") {
    only(call, "GET");
    const own = [...store.allocs.values()].filter((alloc) => alloc.NodeID === id);
    return { json: own.map(allocationReply), index: store.tables.allocs, meta: true };
  }
  if (action !== undefined) throw notInDemo(`changing nodes (${action})`);
  only(call, "GET");
  return query(
    store,
    call,
    (change) => change.table === "nodes" && change.id === id,
    () => {
      const found = store.nodes.get(id);
      const reply = found ? { json: found } : new HttpError(404, "node not found");
      return { index: found?.ModifyIndex ?? store.tables.nodes, reply };
    },
  );
}

/** /v1/client/metadata: what the client of a node says of its metadata, and changing single keys of it. */
export function nodeMetadata({ store }: World, call: Call): Reply {
  const body = (call.method === "GET" ? {} : (parseJson(call.body) ?? {})) as {
    NodeID?: string;
    Meta?: Record<string, string | null>;
  };
  const id = body.NodeID || (call.query.get("node_id") ?? "");
  if (id === "") throw new HttpError(400, "No local Node and node_id not provided");
  checkUuid("node", id);
  const node = store.nodes.get(id);
  if (!node) throw serverError(`Unknown node ${id}`);
  if (node.Status !== "ready") throw new HttpError(404, "No path to node");
  if (call.method === "GET") return { json: setMetadata(store, node, {}) };
  only(call, "POST", "PUT");
  if (!body.Meta || Object.keys(body.Meta).length === 0) throw new HttpError(400, "missing required Meta object");
  for (const key of Object.keys(body.Meta)) {
    if (/^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*$/.test(key)) continue;
    throw new HttpError(400, `${JSON.stringify(key)} is invalid; metadata keys must be valid dotted hcl identifiers`);
  }
  return { json: setMetadata(store, node, body.Meta) };
}
