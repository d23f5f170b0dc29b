import { HttpError, notInDemo, serverError } from "../errors.ts";
import type { Call, Handle, Reply } from "../http.ts";
import type { World } from "../world.ts";
import { acl, ownToken } from "./acl.ts";
import { allocation, allocations } from "./allocations.ts";
import { clientAllocation, clientFs } from "./client.ts";
import { autopilotConfiguration, collectGarbage, health, keys, schedulerConfiguration, self } from "./cluster.ts";
import { deployment, deployments } from "./deployments.ts";
import { evaluation, evaluationCount, evaluations } from "./evaluations.ts";
import { eventStream } from "./events.ts";
import { fuzzySearch } from "./fuzzy.ts";
import { job, jobs, parse } from "./jobs.ts";
import { only } from "./lists.ts";
import { namespace, namespaces } from "./namespaces.ts";
import { nodePool, nodePools } from "./node-pools.ts";
import { node, nodeMetadata, nodes } from "./nodes.ts";
import { search } from "./search.ts";
import { autopilot, members, peers, raft } from "./servers.ts";
import { service, services } from "./services.ts";
import { jobStatuses } from "./statuses.ts";
import { validate } from "./validate.ts";
import { variable, variables } from "./variables.ts";
import { claims, volume, volumes } from "./volumes.ts";

type Route = (world: World, call: Call) => Promise<Reply> | Reply;

const get =
  (reply: (world: World) => Reply): Route =>
  (world, call) => {
    only(call, "GET");
    return reply(world);
  };

const EXACT: Record<string, Route> = {
  jobs,
  "jobs/statuses": jobStatuses,
  "jobs/parse": (_world, call) => parse(call),
  "validate/job": validate,
  allocations,
  evaluations,
  "evaluations/count": evaluationCount,
  deployments,
  nodes,
  "client/metadata": nodeMetadata,
  namespaces,
  namespace,
  "node/pools": nodePools,
  vars: variables,
  services,
  search,
  "search/fuzzy": fuzzySearch,
  "event/stream": eventStream,
  volumes,
  "volumes/claims": claims,
  "status/leader": get(() => ({ json: "127.0.0.1:4647" })),
  "status/peers": get(peers),
  regions: get(() => ({ json: ["global"] })),
  "agent/self": get(self),
  "agent/members": get(members),
  "agent/health": get(health),
  "operator/autopilot/health": get(autopilot),
  "operator/autopilot/configuration": get(autopilotConfiguration),
  "operator/raft/configuration": get(raft),
  "operator/keyring/keys": get(keys),
  "operator/scheduler/configuration": schedulerConfiguration,
  "system/gc": collectGarbage,
  "acl/token/self": get(ownToken),
};

const UNDER: Record<string, Route> = {
  "job/": job,
  "allocation/": allocation,
  "evaluation/": evaluation,
  "deployment/": deployment,
  "node/pool/": nodePool,
  "node/": node,
  "namespace/": namespace,
  "acl/": acl,
  "client/allocation/": clientAllocation,
  "client/fs/": clientFs,
  "volume/": volume,
  "service/": service,
  "var/": variable,
};

/** Where a real Nomad has answers and the demo has none. */
const BEYOND = [
  "volumes/",
  "plugins",
  "plugin/",
  "scaling/",
  "operator/",
  "system/",
  "status/",
  "agent/",
  "client/",
  "metrics",
  "quotas",
  "quota",
  "recommendation",
  "sentinel/",
];

/** Finds who answers a request: unknown paths are Nomad's empty 404, known ones without an answer a 501 that says so. */
export function router(world: World): Handle {
  return (call) => {
    if (!call.path.startsWith("/v1/")) throw new HttpError(404, "");
    const path = call.path.slice("/v1/".length);
    const at = { ...call, path };
    if ((call.query.get("region") || "global") !== "global") throw serverError("No path to region");
    const exact = Object.hasOwn(EXACT, path) ? EXACT[path] : undefined;
    if (exact) return exact(world, at);
    for (const [prefix, route] of Object.entries(UNDER)) if (path.startsWith(prefix)) return route(world, at);
    if (BEYOND.some((known) => path === known || path.startsWith(known))) throw notInDemo(`/v1/${path}`);
    throw new HttpError(404, "");
  };
}
