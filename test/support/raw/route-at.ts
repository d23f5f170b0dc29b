import { allocations } from "../../../src/endpoints/allocations.ts";
import { deployments } from "../../../src/endpoints/deployments.ts";
import type { Endpoint, Reach, Secret } from "../../../src/endpoints/endpoint.ts";
import { evaluations } from "../../../src/endpoints/evaluations.ts";
import { endpointAt } from "../declared.ts";
import { needsOf } from "./needs.ts";
import { acts, asksOnly, reach } from "./reach.ts";
import { sinceVersion } from "./versions.ts";

/** The route of a request: as it is declared, or as the raw tables know it. */
export function routeAt(method: string, path: string): Endpoint {
  const declared = endpointAt(method, path);
  if (declared !== undefined) return declared;
  const { pattern, of } = touched(method, path);
  const since = sinceVersion(path);
  return {
    method: (["POST", "PUT", "DELETE"] as const).find((each) => each === method) ?? "GET",
    path: pattern,
    reply: "anything",
    does: acts(method, path) || path === "/v1/operator/snapshot" ? "acts" : asksOnly(path) ? "asks" : "reads",
    needs: needsOf(method, path) ?? [],
    reach: of,
    ...(since !== undefined && { since }),
    secret: secretAt(path),
  };
}

/** What is secret in what passes a route. `path` may have a query and slashes in its last part. */
export function secretAt(path: string): Secret {
  if (/^\/v1\/vars?\b/.test(path)) return { Items: "data" };
  if (/^\/v1\/(agent|operator)\/keyring/.test(path)) return { Keys: "keys", PrimaryKeys: "keys" };
  return /\/dispatch$/.test(path) ? { Payload: "payload" } : {};
}

function touched(method: string, path: string): { readonly pattern: string; readonly of: Reach } {
  const raw = reach(method, path);
  const lists = { allocations, evaluations, deployments };
  switch (raw.kind) {
    case "object": {
      const { noun, list } = lists[raw.list];
      return { pattern: path.replace(raw.id, `:${noun}_id`), of: { noun, list } };
    }
    case "itself":
      return { pattern: "/v1/namespace/:name", of: "itself" };
    case "namespace":
      return {
        pattern: path,
        of:
          raw.whole === undefined
            ? "namespace"
            : raw.whole === "filter"
              ? "namespaces by filter"
              : "namespaces by rows",
      };
    default:
      return { pattern: path, of: "cluster" };
  }
}
