import { HttpError, notInDemo, serverError } from "../errors.ts";
import { type Call, query, type Reply } from "../http.ts";
import { parseJson } from "../job/decode.ts";
import {
  type Acted,
  failDeployment,
  pauseDeployment,
  promoteDeployment,
  setAllocationHealth,
} from "../scheduler/deployment-actions.ts";
import { isActive } from "../state/job-status.ts";
import type { Store } from "../state/store.ts";
import type { Deployment } from "../state/types.ts";
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

type Action = (store: Store, deployment: Deployment, body: Body) => Acted;

/** What bodies of requests under /v1/deployment/ say. */
interface Body {
  DeploymentID?: string;
  Pause?: boolean;
  All?: boolean;
  Groups?: string[] | null;
  HealthyAllocationIDs?: string[] | null;
  UnhealthyAllocationIDs?: string[] | null;
}

/** What can be done to a deployment, and what is said of it where that is over. */
const ACTIONS: Record<string, { act: Action; over: (body: Body) => string }> = {
  pause: {
    act: (store, deployment, { Pause = false }) => pauseDeployment(store, deployment, Pause),
    over: ({ Pause }) => `can't ${Pause ? "pause" : "resume"} terminal deployment`,
  },
  promote: {
    act: (store, deployment, { All = false, Groups }) =>
      promoteDeployment(store, deployment, (group) => All || (Groups ?? []).includes(group)),
    over: () => "can't promote terminal deployment",
  },
  fail: {
    act(store, deployment) {
      const revert = Object.values(deployment.TaskGroups).some(({ AutoRevert }) => AutoRevert);
      return failDeployment(store, deployment, "Deployment marked as failed", revert);
    },
    over: () => "can't fail terminal deployment",
  },
  // Of regions that wait for each other only Nomad Enterprise knows.
  unblock: {
    act: () => ({ evalId: "", index: 0, reverted: undefined }),
    over: () => "can't unblock terminal deployment",
  },
  "allocation-health": {
    act: (store, deployment, { HealthyAllocationIDs, UnhealthyAllocationIDs }) =>
      setAllocationHealth(store, deployment, {
        healthy: HealthyAllocationIDs ?? [],
        unhealthy: UnhealthyAllocationIDs ?? [],
      }),
    over: () => "can't set health of allocations for a terminal deployment",
  },
};

/** PUT /v1/deployment/:action/:id. */
function act({ store }: World, call: Call, action: string, id: string): Reply {
  const known = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!known) throw notInDemo(`acting on deployments (${action})`);
  only(call, "PUT", "POST");
  const body = action === "fail" ? {} : (parseJson(call.body) as Body);
  if (action !== "fail") {
    if (!body.DeploymentID) throw new HttpError(400, "DeploymentID must be specified");
    if (body.DeploymentID !== id) throw new HttpError(400, "Deployment ID does not match");
  }
  const count = (body.HealthyAllocationIDs?.length ?? 0) + (body.UnhealthyAllocationIDs?.length ?? 0);
  if (action === "allocation-health" && count === 0)
    throw serverError("must specify at least one healthy/unhealthy allocation ID");
  checkUuid("deployment", id);
  const found = store.deployments.get(id);
  if (!found) throw serverError("deployment not found");
  if (!isActive(found)) throw serverError(known.over(body));
  const { evalId: EvalID, index: Index, reverted } = known.act(store, found, body);
  const reply = { EvalID, EvalCreateIndex: EvalID ? Index : 0, RevertedJobVersion: reverted ?? null };
  return { json: { ...reply, DeploymentModifyIndex: Index, Index }, index: Index };
}

/** /v1/deployment/:id, its allocations, and acting on it. */
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
  if (other !== undefined) return act(world, call, id, other);
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
