import { HttpError, notInDemo, serverError } from "../errors.ts";
import { type Call, query, type Reply } from "../http.ts";
import { parseJson } from "../job/decode.ts";
import { newEvaluation } from "../state/fresh.ts";
import { isActive } from "../state/job-status.ts";
import { jobKey } from "../state/store.ts";
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

/** POST /v1/deployment/pause/:id, which also resumes. */
function pause({ store }: World, call: Call, id: string): Reply {
  only(call, "PUT", "POST");
  const { DeploymentID, Pause = false } = parseJson(call.body) as { DeploymentID?: string; Pause?: boolean };
  if (!DeploymentID) throw new HttpError(400, "DeploymentID must be specified");
  if (DeploymentID !== id) throw new HttpError(400, "Deployment ID does not match");
  const found = store.deployments.get(id);
  const job = found && store.jobs.get(jobKey(found.Namespace, found.JobID));
  if (!found || !job) throw serverError("deployment not found");
  if (!isActive(found)) throw serverError(`can't ${Pause ? "pause" : "resume"} terminal deployment`);
  const Status = Pause ? "paused" : "running";
  const evaluation = Pause ? undefined : newEvaluation(store, job, "deployment-watcher", { DeploymentID: id });
  const index = store.write((put) => {
    put.deployment({ ...found, Status, StatusDescription: `Deployment is ${Status}`, ModifyTime: store.stamp() });
    if (evaluation) put.evaluation(evaluation);
  });
  const reply = { EvalID: evaluation?.ID ?? "", EvalCreateIndex: evaluation ? index : 0, RevertedJobVersion: null };
  return { json: { ...reply, DeploymentModifyIndex: index, Index: index }, index };
}

/** /v1/deployment/:id. Acting on a deployment in other ways than pausing it is beyond the demo. */
export function deployment(world: World, call: Call): Promise<Reply> | Reply {
  const { store } = world;
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
  if (id === "pause" && other !== undefined) return pause(world, call, other);
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
