import { notInDemo, serverError } from "../errors.ts";
import type { Call, Reply } from "../http.ts";
import type { World } from "../world.ts";
import { inNamespace, only } from "./lists.ts";

/** POST /v1/search: objects by the beginning of their id. */
export function search({ store }: World, call: Call): Reply {
  only(call, "POST", "PUT");
  const body = JSON.parse(call.body || "{}") as { Prefix?: string; Context?: string };
  const prefix = body.Prefix ?? "";
  const here = inNamespace(call);
  const ids = (all: Iterable<{ ID: string; Namespace?: string }>) =>
    [...all].filter((one) => one.Namespace === undefined || here({ Namespace: one.Namespace })).map((one) => one.ID);
  const contexts: Record<string, () => string[]> = {
    jobs: () => ids(store.jobs.values()),
    allocs: () => ids(store.allocs.values()),
    evals: () => ids(store.evals.values()),
    deployment: () => ids(store.deployments.values()),
    nodes: () => ids(store.nodes.values()),
    namespaces: () => [...store.shelf.namespaces.keys()],
    node_pools: () => [...store.shelf.node_pools.keys()],
    host_volumes: () => ids(store.shelf.host_volumes.values()),
    vars: () => ids([...store.shelf.variables.values()].map(({ Path, Namespace }) => ({ ID: Path, Namespace }))),
    // of these there are none here
    ...Object.fromEntries(["plugins", "volumes", "scaling_policy"].map((name) => [name, () => []])),
  };
  const context = body.Context || "all";
  const asked = context === "all" ? Object.keys(contexts) : [context];
  const Matches: Record<string, string[]> = {};
  const Truncations: Record<string, boolean> = {};
  for (const name of asked) {
    const all = contexts[name];
    if (!all) {
      if (name === "quotas") throw notInDemo(`searching ${name}`);
      throw serverError(
        `context must be one of [${Object.keys(contexts).join(" ")} all] or all; got ${JSON.stringify(name)}`,
      );
    }
    const wanted = ["jobs", "namespaces", "node_pools"].includes(name) ? prefix : prefix.toLowerCase();
    const found = all()
      .filter((id) => id.startsWith(wanted))
      .sort();
    Matches[name] = found.slice(0, 20);
    Truncations[name] = found.length > 20;
  }
  const index = store.index;
  return {
    json: { Index: index, KnownLeader: true, LastContact: 0, Matches, NextToken: "", Truncations },
    index,
    meta: true,
  };
}
