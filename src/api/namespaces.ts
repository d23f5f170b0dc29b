import { seal } from "../text/sealed.ts";
import { short, some } from "../text/words.ts";
import { Refusal } from "./errors.ts";
import { allOf, type Filter, filterText, isFault, parseFilter } from "./filter.ts";
import { type NomadPath, path } from "./path.ts";
import { acts, type IdList, reach } from "./routes.ts";

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** A request before it is sent. `query` has its namespace. */
export interface GatedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Query;
  readonly body?: unknown;
}

/** Reads a page of a list, by which the place of an object is found out. */
export type LookUp = (path: NomadPath, query: Query) => Promise<readonly { ID: string; Namespace: string }[]>;

/** Keeps the requests of one cluster, and what comes back, to some namespaces. */
export interface NamespaceGate {
  /**
   * The query to send: `*` is what is allowed.
   *
   * @throws Refusal where the request would touch more than that; NomadError where the look-up of an object fails.
   */
  enter(request: GatedRequest, lookUp: LookUp): Promise<Query>;
  /** What of a reply may be seen: rows of other namespaces are left out. @throws Refusal where the whole is of one. */
  leave(path: string, reply: unknown): unknown;
  /** True for a list out of which rows of other namespaces are kept, so that Nomad's token may name one of those. */
  mixes(path: string, query: Query): boolean;
  /** The token that names a row of a list, as Nomad makes it; undefined where it is not known how it does. */
  tokenOf(path: string, query: Query, row: unknown): string | undefined;
}

/** True where a namespace may be touched; `*` is none. Without a list every one may. */
export function permits(allowed: readonly string[] | undefined, namespace: string): boolean {
  return allowed === undefined || allowed.includes(namespace);
}

/** So many ids are remembered as being in a namespace that is allowed: that never changes. */
const mostKnown = 4_096;

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
  function narrowed(query: Query, whole: "filter" | "rows" | undefined, where: string): Query {
    const namespace = String(query.namespace);
    if (namespace !== "*") {
      if (permits(allowed, namespace)) return query;
      throw closed(namespace);
    }
    if (others.length === 0) return { ...query, namespace: first };
    if (whole === undefined) {
      throw new Refusal(`${where} cannot be asked of several namespaces at once: name one with namespace=; ${may}.`);
    }
    // Nomad takes no filter beside these two of evaluations. The rows are looked at in any case.
    if (whole === "rows" || query.job !== undefined || query.status !== undefined) return query;
    return { ...query, filter: filterText(allOf(filterOf(query), ofAllowed)) };
  }

  /** Finds out that an object is in a namespace that is allowed. */
  async function locate(list: IdList, id: string, lookUp: LookUp): Promise<void> {
    if (known.has(`${list}/${id}`)) return;
    const slim = list === "allocations" ? { task_states: false } : {};
    const rows = await lookUp(lists[list].at, { namespace: "*", prefix: id, per_page: 1, ...slim });
    if (rows.some((row) => row.ID === id && permits(allowed, row.Namespace))) return note(list, id);
    throw new Refusal(
      `The ${lists[list].noun} ${seal(short(id))} is gone, or in another namespace: ${may}. Nothing was changed.`,
    );
  }

  function note(list: IdList, id: string): void {
    known.add(`${list}/${id}`);
    for (const oldest of known) {
      if (known.size <= mostKnown) break;
      known.delete(oldest);
    }
  }

  return {
    async enter({ method, path: route, query, body }, lookUp) {
      for (const namespace of namedIn(body)) if (!permits(allowed, namespace)) throw closed(namespace);
      const touched = reach(method, route);
      const open = permits(allowed, String(query.namespace)) ? query : { ...query, namespace: first };
      switch (touched.kind) {
        case "namespace":
          // The one route on which an allocation is named in the query.
          if (query.allocID !== undefined) await locate("allocations", String(query.allocID), lookUp);
          return narrowed(query, touched.whole, route);
        case "object":
          if (!touched.told) await locate(touched.list, touched.id, lookUp);
          return query.namespace === "*" ? query : open;
        case "none":
          return open;
        case "itself":
          if (permits(allowed, touched.name) && !acts(method, route)) return open;
          throw permits(allowed, touched.name)
            ? new Refusal(`A namespace itself cannot be changed: ${may}. Nothing was sent to Nomad.`)
            : closed(touched.name);
        case "all":
          throw new Refusal(`That touches all namespaces at once: ${may}. Nothing was sent to Nomad.`);
        case "unknown":
          throw new Refusal(
            `Which namespaces ${method} ${route} touches is not known: ${may}. Nothing was sent to Nomad.`,
          );
      }
    },

    mixes(route, query) {
      const touched = reach("GET", route);
      return (
        touched.kind === "namespace" && touched.whole !== undefined && query.namespace === "*" && others.length > 0
      );
    },

    tokenOf(route, { prefix }, row) {
      if (!isObject(row)) return undefined;
      // nomad/state/paginator/tokenizer.go; objects with a UUID are in its order where a prefix is given, else by age.
      if (route === "/v1/jobs") return `${row.Namespace}.${row.ID}`;
      if (!Object.values(lists).some(({ at }) => at === route)) return undefined;
      return prefix === undefined ? `${row.CreateIndex}.${row.ID}` : String(row.ID);
    },

    leave(route, whole) {
      const touched = reach("GET", route);
      const reply = openParts(whole);
      if (Array.isArray(reply)) {
        const key = route === "/v1/namespaces" ? "Name" : "Namespace";
        // In a list of all namespaces every row has to say where it is.
        const orUnsaid = touched.kind !== "namespace" || touched.whole === undefined;
        const open = reply.filter((row) => isOpen(row, key, orUnsaid));
        const list = Object.values(lists).find(({ at }) => at === route);
        if (list !== undefined) for (const { ID } of open) note(list.name, String(ID));
        return open;
      }
      if (touched.kind === "none" || isOpen(reply, "Namespace", true)) {
        if (touched.kind === "object" && touched.told) note(touched.list, touched.id);
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
  const read = parseFilter(String(filter));
  if (isFault(read)) throw new Refusal(`The filter cannot be read: ${read.fault}.`);
  return read;
}

/** The lists, and what an object of each is called. */
const lists: Readonly<Record<IdList, { readonly name: IdList; readonly at: NomadPath; readonly noun: string }>> = {
  allocations: { name: "allocations", at: path`/v1/allocations`, noun: "allocation" },
  evaluations: { name: "evaluations", at: path`/v1/evaluations`, noun: "evaluation" },
  deployments: { name: "deployments", at: path`/v1/deployments`, noun: "deployment" },
};

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
