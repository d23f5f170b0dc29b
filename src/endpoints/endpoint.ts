import { encodedPart, type NomadPath } from "../api/path.ts";
import type { Need } from "./needs.ts";
import type { Shape } from "./schema.ts";

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** What a request does: it reads; it only asks, although it is a POST; or it changes something, whatever its method. */
export type Deed = "reads" | "asks" | "acts";

/** Whose objects a route touches. */
export type Reach =
  /** Nothing that belongs to a namespace. What acts there touches all namespaces at once. */
  | "cluster"
  /** Those of the namespace in the query. */
  | "namespace"
  /** The same; the query may say `*`, and Nomad's filter keeps the list to some namespaces. */
  | "namespaces by filter"
  /** The same, but only what the rows say of themselves can keep it to some. */
  | "namespaces by rows"
  /** Namespaces as such, or the one that the path names. */
  | "itself"
  | ObjectReach;

/** One object, wherever it is: Nomad ignores the namespace in the query. */
export interface ObjectReach {
  /** What it is called, and the beginning of the parameter that has its id: `allocation`, `:allocation_id`. */
  readonly noun: string;
  /** Where its namespace can be looked up by its id, and with what query so that the rows are small. */
  readonly list: Endpoint;
  readonly slim?: Query;
}

/**
 * What is secret in a body or a reply where its own name does not say so, by the field.
 * - `data`: an object whose values are; some of them may be plain.
 * - `keys`: an object whose keys are.
 * - `payload`: base64 of what may hold anything.
 */
export type Secret = Readonly<Record<string, "data" | "keys" | "payload">>;

/** Query parameters; undefined ones are left out, those of a list are repeated. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** A reply that is not JSON: a log, a stream. */
export type Reply = Shape | "bytes";

interface Declaration {
  readonly method: Method;
  /** `:name` stands for what a call puts there. */
  readonly path: `/v1/${string}`;
  readonly reply: Reply;
  /** What its token needs, all of it; none where any token will do. */
  readonly needs: readonly Need[];
  readonly reach: Reach;
  /** True for a POST that changes nothing, whatever it answers. */
  readonly asks?: true;
  /** True for a GET that changes something: some handlers never look at the method. */
  readonly acts?: true;
  /** The version of Nomad that brought it, where that is later than 1.0. */
  readonly since?: string;
  readonly secret?: Secret;
  /** The `nomad` command that shows the object of a change: `job status :job_id`. */
  readonly shows?: string;
}

/** A route of Nomad's API, and everything that is known of it. */
export interface Endpoint<P extends string = string, R extends Reply = Reply, D extends Deed = Deed> {
  readonly method: Method;
  readonly path: P;
  readonly reply: R;
  readonly does: D;
  readonly needs: readonly Need[];
  readonly reach: Reach;
  readonly since?: string;
  readonly secret?: Secret;
  readonly shows?: string;
}

type DeedOf<D extends Declaration> = D extends { readonly acts: true }
  ? "acts"
  : D extends { readonly asks: true }
    ? "asks"
    : D["method"] extends "GET"
      ? "reads"
      : "acts";

/** Declares a route. */
export function endpoint<const D extends Declaration>(declared: D): Endpoint<D["path"], D["reply"], DeedOf<D>> {
  const { asks, acts, ...known }: Declaration = declared;
  const does: Deed = acts ? "acts" : asks ? "asks" : known.method === "GET" ? "reads" : "acts";
  return { ...known, path: declared.path, reply: declared.reply, does: does as DeedOf<D> };
}

/** The path and the query of a call. @throws Refusal for what can be no part of a path. */
export function addressed(
  { path }: Endpoint,
  args: Query,
): { readonly path: NomadPath; readonly query: Query; readonly parameters: Readonly<Record<string, string>> } {
  const parameters: Record<string, string> = {};
  const query: Record<string, Query[string]> = { ...args };
  const built = path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const given = String(args[name] ?? "");
    delete query[name];
    parameters[name] = given;
    return encodedPart(given);
  });
  return { path: built as NomadPath, query, parameters };
}

/** Handlers of which the id is the rest of the path, slashes and all (command/agent/job_endpoint.go, variable_endpoint.go). */
const spanning = ["job_id", "path"];

/**
 * What Nomad takes for a part of a job where an id ends so, whatever was meant: it looks at the decoded path (command/agent,
 * JobSpecificRequest).
 */
const partsOfJobs =
  /\/(evaluate|allocations|evaluations|periodic\/force|plan|summary|dispatch|dispatch\/payload|versions|revert|deployments?|stable|scale|services|submission|actions?|tag)$/;

/**
 * True for a path that Nomad takes to the handler that the declaration means. It decodes a path before it chooses, and
 * `fetch` resolves it before that, so that `%2F` and `..` in an id could lead elsewhere.
 */
export function leadsTo({ path: declared }: Endpoint, path: string): boolean {
  let seen: string;
  try {
    const { pathname, search, hash } = new URL(path, "http://nomad");
    if (pathname !== path || search !== "" || hash !== "") return false;
    seen = decodeURIComponent(pathname);
  } catch {
    return false;
  }
  const [head = "", last] = declared.split(/:(\w+)$/);
  const id = last === "job_id" && seen.startsWith(head) ? seen.slice(head.length) : "";
  if (partsOfJobs.test(`/${id}`) && id.includes("/")) return false;
  return patternOf(declared).test(seen);
}

function patternOf(declared: string): RegExp {
  const known = patterns.get(declared);
  if (known !== undefined) return known;
  const source = declared.replaceAll(/:(\w+)/g, (_, name: string) => (spanning.includes(name) ? ".+" : "[^/]+"));
  const pattern = new RegExp(`^${source}$`, "s");
  patterns.set(declared, pattern);
  return pattern;
}

const patterns = new Map<string, RegExp>();
