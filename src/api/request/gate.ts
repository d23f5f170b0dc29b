import { parametersIn } from "../../endpoints/address.ts";
import { oneAllocation } from "../../endpoints/allocations.ts";
import { type Endpoint, type ObjectReach, type Query, tellsNamespace } from "../../endpoints/endpoint.ts";
import { seal, unseal } from "../../text/sealed.ts";
import { short, some } from "../../text/words.ts";
import { Refusal } from "../errors/refusal.ts";
import { allOf, type Filter, filterText, isFault, parseFilter } from "./filter.ts";
import { permits } from "./permits.ts";

/** A request before it is sent. `query` has its namespace. */
export interface GatedRequest {
  readonly route: Endpoint;
  readonly path: string;
  readonly query: Query;
  readonly body?: unknown;
}

/** Reads a page of a list, by which the place of an object is found out. */
export type LookUp = (list: Endpoint, query: Query) => Promise<readonly { ID: string; Namespace: string }[]>;

/** Keeps the requests of one cluster, and what comes back, to some namespaces. */
export interface NamespaceGate {
  /**
   * The query to send: `*` is what is allowed.
   *
   * @throws Refusal where the request would touch more than that; NomadError where the look-up of an object fails.
   */
  enter(request: GatedRequest, lookUp: LookUp): Promise<Query>;
  /** What of a reply may be seen: rows of other namespaces are left out. @throws Refusal where the whole is of one. */
  leave(route: Endpoint, path: string, reply: unknown): unknown;
  /** True for a list out of which rows of other namespaces are kept, so that Nomad's token may name one of those. */
  mixes(route: Endpoint, query: Query): boolean;
  /** The token that names a row of a list, as Nomad makes it; undefined where it is not known how it does. */
  tokenOf(route: Endpoint, query: Query, row: unknown): string | undefined;
}

/** So many ids are remembered as being in a namespace that is allowed: that never changes. */
const mostKnown = 4_096;
/** What is found by its id alone has such a one. */
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The gate for `allowed`, which has one namespace at least. `setting`: what the operator calls the list. */
export function namespaceGate(allowed: readonly string[], setting: string): NamespaceGate {
  const known = new Set<string>();
  const [first = "", ...others] = allowed;
  const may = `this server may touch only ${allowed.length === 1 ? "namespace" : "namespaces"} ${some(allowed, 10)} (${setting})`;
  const closed = (namespace: string) =>
    new Refusal(`Namespace ${seal(namespace)} is off limits: ${may}. Nothing was sent to Nomad.`);

  const ofAllowed: Filter = {
    kind: "or",
    parts: allowed.map((value) => ({ kind: "compare", field: ["Namespace"], operator: "==", value })),
  };

  /** The query for one namespace, or for `*`. */
  function narrowed(query: Query, reach: Endpoint["reach"], where: string): Query {
    const namespace = String(query.namespace);
    if (namespace !== "*") {
      if (permits(allowed, namespace)) return query;
      throw closed(namespace);
    }
    if (others.length === 0) return { ...query, namespace: first };
    if (reach === "namespace") {
      throw new Refusal(`${where} cannot be asked of several namespaces at once: name one with namespace=; ${may}.`);
    }
    // Nomad takes no filter beside these two of evaluations. The rows are looked at in any case.
    if (reach === "namespaces by rows" || query.job !== undefined || query.status !== undefined) return query;
    return { ...query, filter: unseal(filterText(allOf(filterOf(query), ofAllowed))) };
  }

  /** Finds out that an object is in a namespace that is allowed. */
  async function locate({ noun, list, slim }: ObjectReach, id: string, lookUp: LookUp): Promise<void> {
    if (known.has(`${list.path}/${id}`)) return;
    const rows = await lookUp(list, { namespace: "*", prefix: id, per_page: 1, ...slim });
    if (rows.some((row) => row.ID === id && permits(allowed, row.Namespace))) return note(list, id);
    throw new Refusal(`The ${noun} ${seal(short(id))} is gone, or in another namespace: ${may}. Nothing was changed.`);
  }

  function note(list: Endpoint, id: string): void {
    known.add(`${list.path}/${id}`);
    for (const oldest of known) {
      if (known.size <= mostKnown) break;
      known.delete(oldest);
    }
  }

  return {
    async enter({ route, path, query, body }, lookUp) {
      for (const namespace of namedIn(body)) if (!permits(allowed, namespace)) throw closed(namespace);
      const { reach } = route;
      const open = permits(allowed, String(query.namespace)) ? query : { ...query, namespace: first };
      if (typeof reach === "object") {
        if (!tellsNamespace(route)) await locate(reach, idIn(route, path, reach), lookUp);
        return query.namespace === "*" ? query : open;
      }
      if (reach === "cluster") {
        if (route.does !== "acts") return open;
        throw new Refusal(`That touches all namespaces at once: ${may}. Nothing was sent to Nomad.`);
      }
      if (reach === "itself") {
        const { name } = parametersIn(route, path);
        if (name !== undefined && !permits(allowed, name)) throw closed(name);
        if (route.does !== "acts") return open;
        throw new Refusal(`A namespace itself cannot be changed: ${may}. Nothing was sent to Nomad.`);
      }
      // The one route on which an allocation is named in the query.
      if (query.allocID !== undefined) await locate(oneAllocation, String(query.allocID), lookUp);
      return narrowed(query, reach, path);
    },

    mixes({ reach }, query) {
      return (
        (reach === "namespaces by filter" || reach === "namespaces by rows") &&
        query.namespace === "*" &&
        others.length > 0
      );
    },

    tokenOf({ pages }, { prefix }, row) {
      if (!isObject(row) || pages === undefined) return undefined;
      if (pages === "by name") return `${row.Namespace}.${row.ID}`;
      return prefix === undefined ? `${row.CreateIndex}.${row.ID}` : String(row.ID);
    },

    leave(route, path, whole) {
      const { reach } = route;
      const reply = openParts(whole);
      if (Array.isArray(reply)) {
        const key = reach === "itself" ? "Name" : "Namespace";
        // In a list of all namespaces every row has to say where it is.
        const orUnsaid = reach !== "namespaces by filter" && reach !== "namespaces by rows";
        const open = reply.filter((row) => isOpen(row, key, orUnsaid));
        if (reach === "namespaces by filter")
          for (const { ID } of open) if (uuid.test(String(ID))) note(route, String(ID));
        return open;
      }
      if (reach === "cluster" || isOpen(reply, "Namespace", true)) {
        if (typeof reach === "object" && tellsNamespace(route)) note(reach.list, idIn(route, path, reach));
        return reply;
      }
      throw new Refusal(`That is in another namespace: ${may}.`);
    },
  };

  /** A reply without the parts that tell of other namespaces although the whole is of one that is allowed. */
  function openParts(reply: unknown): unknown {
    if (!isObject(reply)) return reply;
    const { Annotations: plan, Matches: matches } = reply;
    if (isObject(plan) && Array.isArray(plan.PreemptedAllocs)) {
      const PreemptedAllocs = plan.PreemptedAllocs.filter((row) => isOpen(row, "Namespace", false));
      return { ...reply, Annotations: { ...plan, PreemptedAllocs } };
    }
    if (!isObject(matches) || !Array.isArray(matches.namespaces)) return reply;
    // A match is a name, of the fuzzy search an object with it. That there are more than told is of hidden ones, too.
    const nameOf = (match: unknown) => String(isObject(match) ? match.ID : match);
    const namespaces = matches.namespaces.filter((match) => permits(allowed, nameOf(match)));
    const cut = isObject(reply.Truncations) ? { ...reply.Truncations, namespaces: false } : reply.Truncations;
    return { ...reply, Matches: { ...matches, namespaces }, Truncations: cut };
  }

  function isOpen(object: unknown, key: string, orUnsaid: boolean): boolean {
    const namespace = isObject(object) ? object[key] : undefined;
    return typeof namespace === "string" ? permits(allowed, namespace) : orUnsaid;
  }
}

/** The filter of a query as a tree: joined as text, it could end the parenthesis that it is put into. */
function filterOf({ filter }: Query): Filter | undefined {
  if (filter === undefined) return undefined;
  const read = parseFilter(seal(String(filter)));
  if (isFault(read)) throw new Refusal(`The filter cannot be read: ${read.fault}.`);
  return read;
}

/** The id of the object that a request is about. */
function idIn(route: Endpoint, path: string, { noun }: ObjectReach): string {
  return parametersIn(route, path)[`${noun}_id`] ?? "";
}

/**
 * The namespaces that a body names: for variables and volumes they win over the one in the query (Variables.Apply,
 * HostVolume.Create, CSIVolume.Register). Go reads keys whatever their case.
 */
function namedIn(body: unknown): string[] {
  return fields(body, /^namespace$/i, /^(job|jobs|volume|volumes|var|target)$/i);
}

function fields(value: unknown, wanted: RegExp, inside: RegExp): string[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, held]) => {
    if (wanted.test(key)) return typeof held === "string" && held !== "" ? [held] : [];
    if (!inside.test(key)) return [];
    const parts: readonly unknown[] = Array.isArray(held) ? held : [held];
    return parts.flatMap((part) => fields(part, wanted, /^$/));
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
