import { HttpError } from "../errors.ts";
import { compileFilter } from "../filter.ts";
import { type Call, query, type Reply } from "../http.ts";
import { allocationStub, evaluationReply, evaluationStub } from "../state/wire.ts";
import type { World } from "../world.ts";
import { candidates, checkUuid, inNamespace, only, ordering, page, uuidPrefix } from "./lists.ts";

/** GET /v1/evaluations. */
export function evaluations({ store }: World, call: Call): Promise<Reply> | Reply {
  only(call, "GET");
  const prefix = uuidPrefix("eval", call);
  const [job, status] = ["job", "status"].map((name) => call.query.get(name) ?? "");
  if ((job || status) && call.query.get("filter"))
    throw new HttpError(400, "Filter expression cannot be used with other filter parameters");
  return query(
    store,
    call,
    (change) => change.table === "evals",
    () => ({
      index: store.tables.evals,
      reply: page(call, {
        items: candidates(call, store.tables.evals, store.evals).filter(
          (one) =>
            inNamespace(call)(one) &&
            prefix(one.ID) &&
            (!job || one.JobID === job) &&
            (!status || one.Status === status),
        ),
        ...ordering(call),
        stub: evaluationReply,
      }),
    }),
  );
}

/** GET /v1/evaluations/count. */
export function evaluationCount({ store }: World, call: Call): Reply {
  only(call, "GET");
  const [here, prefix] = [inNamespace(call), uuidPrefix("eval", call)];
  const test = compileFilter(call.query.get("filter"));
  let Count = 0;
  for (const one of store.evals.values()) if (here(one) && prefix(one.ID) && test(one)) Count++;
  const index = store.tables.evals;
  return { json: { Count, Index: index, KnownLeader: true, LastContact: 0, NextToken: "" }, index, meta: true };
}

/** /v1/evaluation/:id and its allocations. */
export function evaluation({ store }: World, call: Call): Promise<Reply> {
  only(call, "GET");
  const [, id = "", action] = call.path.split("/");
  checkUuid("eval", id);
  if (action === "allocations")
    return query(
      store,
      call,
      (change) => change.table === "allocs",
      () => {
        const own = [...store.allocs.values()].filter((alloc) => alloc.EvalID === id);
        return { index: store.tables.allocs, reply: { json: own.map((alloc) => allocationStub(alloc)) } };
      },
    );
  const related = call.query.get("related") === "true";
  return query(
    store,
    call,
    (change) => change.table === "evals" && change.id === id,
    () => {
      const found = store.evals.get(id);
      if (!found) return { index: store.tables.evals, reply: new HttpError(404, "eval not found") };
      const family = related ? relatives(store.evals, id) : [];
      const json = { ...evaluationReply(found), ...(family.length > 0 ? { RelatedEvals: family } : {}) };
      return { index: found.ModifyIndex, reply: { json } };
    },
  );
}

function relatives(all: World["store"]["evals"], id: string): unknown[] {
  const seen = new Set([id]);
  const queue = [id];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const one = all.get(next);
    const links = one ? [one.NextEval, one.PreviousEval, one.BlockedEval] : [];
    for (const link of links)
      if (link !== "" && all.has(link) && !seen.has(link)) {
        seen.add(link);
        queue.push(link);
      }
  }
  seen.delete(id);
  return [...seen].flatMap((other) => all.get(other) ?? []).map(evaluationStub);
}
