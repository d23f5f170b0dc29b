/**
 * What a route of Nomad's API does, and to what: told from its method and path alone, so that no caller can be wrong about
 * it. Checked in command/agent of Nomad 2.0.6-dev; what is not known here counts as what is refused.
 */

/** The lists in which the namespace of an object can be looked up by its id. */
export type IdList = "allocations" | "evaluations" | "deployments";

/** Whose objects a request touches. */
export type Reach =
  /** Nothing that belongs to a namespace. */
  | { readonly kind: "none" }
  /** Those of the namespace in the query; `whole` where the query may say `*`. */
  | { readonly kind: "namespace"; readonly whole?: WholeList }
  /** One object, wherever it is: Nomad ignores the namespace in the query (nomad-api.md §5.2). `told`: the reply says where. */
  | { readonly kind: "object"; readonly list: IdList; readonly id: string; readonly told: boolean }
  /** One namespace as such. */
  | { readonly kind: "itself"; readonly name: string }
  /** Those of all namespaces at once. */
  | { readonly kind: "all" }
  | { readonly kind: "unknown" };

/** How a list of all namespaces is kept to some of them: by Nomad's filter, or only by what its rows say. */
export type WholeList = "filter" | "rows";

/**
 * The path as Nomad's handlers see it: resolved as `fetch` resolves it, then decoded once, so that `%2F` is a `/` in there
 * too. Undefined where it is no path.
 */
function decoded(path: string): string | undefined {
  try {
    if (!path.startsWith("/")) return undefined;
    return decodeURIComponent(new URL(`http://nomad${path}`).pathname).replaceAll(/\/{2,}/g, "/");
  } catch {
    return undefined;
  }
}

/** Handlers that never look at the method, so that a GET of them acts, too; and the two that open a shell. */
const actsAlways = [
  /^\/v1\/client\/gc$/,
  /^\/v1\/client\/allocation\/.+\/(gc|restart|exec)$/s,
  /^\/v1\/job\/.+\/action$/s,
  /^\/v1\/agent\/keyring\/(?!list$)/,
];

const asks = /^\/v1\/(acl\/login|jobs\/parse|jobs\/statuses|validate\/job|search|search\/fuzzy|job\/.+\/plan)$/s;

/** True for the routes that only ask although they are a POST: they change nothing, whatever they answer. */
export function asksOnly(path: string): boolean {
  return asks.test(decoded(path) ?? "");
}

/** True for a request that changes something, whatever its method (nomad-api.md §0.9). */
export function acts(method: string, path: string): boolean {
  const at = decoded(path);
  if (at === undefined || actsAlways.some((route) => route.test(at))) return true;
  if (/^(GET|HEAD)$/i.test(method)) return false;
  return !(/^(POST|PUT)$/i.test(method) && asks.test(at));
}

/** Routes of which each belongs to the namespace in the query; those with a list can be asked for `*`. */
const inNamespace: readonly (readonly [route: RegExp, whole?: WholeList])[] = [
  [/^\/v1\/(jobs|jobs\/statuses|allocations|evaluations|evaluations\/count|deployments)$/, "filter"],
  // `filter=` does nothing on services, and variables hide their namespace from it.
  [/^\/v1\/(services|vars|volumes|volumes\/claims)$/, "rows"],
  [/^\/v1\/(job|service|var)\/.+$/s],
  [/^\/v1\/volume\/(csi|host)\/.+$/s],
  [/^\/v1\/(validate\/job|search|search\/fuzzy|scaling\/policies|event\/stream)$/],
];

const byId: readonly (readonly [route: RegExp, list: IdList])[] = [
  [/^\/v1\/allocation\/([^/]+)(\/.+)?$/s, "allocations"],
  [/^\/v1\/client\/allocation\/([^/]+)(\/.+)$/s, "allocations"],
  [/^\/v1\/client\/fs\/[a-z]+\/([^/]+)$/s, "allocations"],
  [/^\/v1\/evaluation\/([^/]+)(\/.+)?$/s, "evaluations"],
  [/^\/v1\/deployment\/(?:[a-z-]+\/)?([^/]+)$/s, "deployments"],
];
/** Of those, the routes whose reply is the object itself, its namespace in it. */
const toldByReply = /^\/v1\/(allocation|evaluation|deployment)\/[^/]+$/s;

/** What there is of the cluster itself; a snapshot has everything in it. */
const ofCluster =
  /^\/v1\/(jobs\/parse|nodes|node|plugins?|regions|status|agent|metrics|operator|system|acl|namespaces|client\/(stats|metadata|identity|gc)|quotas?|quota-usages|sentinel)(\/|$)/;

/** Whose objects a request touches; `unknown` for a route that is not known here. */
export function reach(method: string, path: string): Reach {
  const at = decoded(path);
  if (at === undefined) return { kind: "unknown" };
  const acting = acts(method, path);
  const [, name] = /^\/v1\/namespace\/([^/]+)$/s.exec(at) ?? [];
  if (name !== undefined) return { kind: "itself", name };
  const listed = inNamespace.find(([route]) => route.test(at));
  // Only evaluations have such a route that acts: it deletes them by id or filter, wherever they are.
  if (listed !== undefined && acting && listed[1] !== undefined && at !== "/v1/jobs") return { kind: "all" };
  if (listed !== undefined) return { kind: "namespace", ...(listed[1] && { whole: listed[1] }) };
  for (const [route, list] of byId) {
    const [, id] = route.exec(at) ?? [];
    if (id !== undefined) return { kind: "object", list, id, told: !acting && toldByReply.test(at) };
  }
  if (ofCluster.test(at)) return { kind: acting || at === "/v1/operator/snapshot" ? "all" : "none" };
  return { kind: "unknown" };
}
