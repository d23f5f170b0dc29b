import { HttpError, notInDemo } from "../errors.ts";
import { type Call, query, type Reply } from "../http.ts";
import { allocationStub } from "../state/wire.ts";
import type { World } from "../world.ts";
import { candidates, checkUuid, inNamespace, only, ordering, page, uuidPrefix } from "./lists.ts";

/** GET /v1/deployments. */
export function deployments({ store }: World, call: Call): Promise<Reply> {
  only(call, "GET");
  const prefix = uuidPrefix("deployment", call);
  return query(
    store,
    call,
    (change) => change.table === "deployment",
    () => ({
      index: store.tables.deployment,
      reply: page(call, {
        items: candidates(call, store.tables.deployment, store.deployments).filter(
          (one) => inNamespace(call)(one) && prefix(one.ID),
        ),
        ...ordering(call),
        stub: (one) => one,
      }),
    }),
  );
}

/** /v1/deployment/:id. Everything that acts on a deployment is beyond the demo. */
export function deployment({ store }: World, call: Call): Promise<Reply> | Reply {
  const [, id = "", other] = call.path.split("/");
  if (id === "allocations" && other !== undefined) {
    checkUuid("deployment", other);
    return query(
      store,
      call,
      (change) => change.table === "allocs",
      () => {
        const own = [...store.allocs.values()].filter((alloc) => alloc.DeploymentID === other);
        return { index: store.tables.allocs, reply: { json: own.map((alloc) => allocationStub(alloc)) } };
      },
    );
  }
  if (other !== undefined) throw notInDemo(`acting on deployments (${id})`);
  only(call, "GET");
  checkUuid("deployment", id);
  return query(
    store,
    call,
    (change) => change.table === "deployment" && change.id === id,
    () => {
      const found = store.deployments.get(id);
      const reply = found ? { json: found } : new HttpError(404, "deployment not found");
      return { index: found?.ModifyIndex ?? store.tables.deployment, reply };
    },
  );
}
