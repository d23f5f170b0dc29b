import { checkedServices, listens, refused } from "../client/checks.ts";
import { HttpError } from "../errors.ts";
import { type Call, query, type Reply } from "../http.ts";
import { newEvaluation } from "../state/fresh.ts";
import { allocationReply, allocationStub } from "../state/wire.ts";
import type { World } from "../world.ts";
import { candidates, checkUuid, flag, inNamespace, only, ordering, page, uuidPrefix } from "./lists.ts";
import { allocationServices } from "./services.ts";

/** GET /v1/allocations. */
export function allocations({ store }: World, call: Call): Promise<Reply> {
  only(call, "GET");
  const fields = { resources: flag(call, "resources") ?? false, taskStates: flag(call, "task_states") ?? true };
  const prefix = uuidPrefix("alloc", call);
  return query(
    store,
    call,
    (change) => change.table === "allocs",
    () => ({
      index: store.tables.allocs,
      reply: page(call, {
        items: candidates(call, store.tables.allocs, store.allocs).filter(
          (alloc) => inNamespace(call)(alloc) && prefix(alloc.ID),
        ),
        ...ordering(call),
        stub: (alloc) => allocationStub(alloc, fields),
      }),
    }),
  );
}

/** /v1/allocation/:id and what is under it. */
export function allocation(world: World, call: Call): Promise<Reply> | Reply {
  const [, id = "", action, more] = call.path.split("/");
  if (more !== undefined) throw new HttpError(404, "resource not found");
  if (action === "stop") return stopAllocation(world, call, id);
  if (action === "services") return allocationServices(world, call, id);
  if (action !== undefined && action !== "checks") throw new HttpError(404, "resource not found");
  only(call, "GET");
  checkUuid("alloc", id);
  if (action === "checks") return checks(world, id);
  const { store } = world;
  return query(
    store,
    call,
    (change) => change.table === "allocs" && change.id === id,
    () => {
      const alloc = store.allocs.get(id);
      const reply = alloc ? { json: allocationReply(alloc) } : new HttpError(404, "alloc not found");
      return { index: alloc?.ModifyIndex ?? store.tables.allocs, reply };
    },
  );
}

/** The checks of an allocation: they pass as soon as it runs, if it is something that listens. */
export function checks({ store }: World, id: string): Reply {
  const alloc = store.allocs.get(id);
  if (!alloc) throw new HttpError(404, `Unknown allocation "${id}"`);
  const group = alloc.Job.TaskGroups.find((candidate) => candidate.Name === alloc.TaskGroup);
  const found: Record<string, unknown> = {};
  if (!group) return { json: null };
  const running = alloc.ClientStatus === "running";
  const passes = running && listens(group);
  for (const service of checkedServices(group))
    for (const check of service.Checks ?? []) {
      const failure = refused(alloc, service, check.Type, check.Path ?? "");
      const key = `${id.slice(0, 8)}${service.Name}${check.Name}`.replace(/\W/g, "").toLowerCase();
      found[key] = {
        ID: key,
        Check: check.Name,
        Group: alloc.Name,
        Mode: "healthiness",
        Output: passes ? `nomad: ${check.Type} ok` : running ? failure : "",
        Service: service.Name,
        Status: passes ? "success" : running ? "failure" : "pending",
        ...(passes && check.Type === "http" && { StatusCode: 200 }),
        Task: service.TaskName,
        Timestamp: Math.floor(store.clock.now() / 1000),
      };
    }
  return { json: Object.keys(found).length > 0 ? found : null };
}

function stopAllocation({ store }: World, call: Call, id: string): Reply {
  only(call, "POST", "PUT");
  checkUuid("alloc", id);
  const alloc = store.allocs.get(id);
  if (!alloc) throw new HttpError(404, "allocation not found");
  const reschedule = flag(call, "reschedule") ?? false;
  const evaluation = newEvaluation(store, alloc.Job, "alloc-stop");
  const index = store.write((put) => {
    const wish = { ...alloc.DesiredTransition, Migrate: true, ...(reschedule ? { Reschedule: true } : {}) };
    put.alloc({ ...alloc, DesiredTransition: wish });
    put.evaluation(evaluation);
  });
  return { json: { EvalID: evaluation.ID, Index: index }, index };
}
