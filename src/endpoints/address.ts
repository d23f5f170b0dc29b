import { encodedPart, type NomadPath } from "../api/request/path.ts";
import { seal } from "../text/sealed.ts";
import { stepText } from "../text/step.ts";
import { short } from "../text/words.ts";
import type { Endpoint, Query } from "./endpoint.ts";

/** Handlers of which the id is the rest of the path, slashes and all (command/agent/job_endpoint.go, variable_endpoint.go). */
const spanning = ["job_id", "path"];

/** The path and the query of a call. @throws Refusal for what can be no part of a path. */
export function addressed({ path }: Endpoint, args: Query): { readonly path: NomadPath; readonly query: Query } {
  const query: Record<string, Query[string]> = { ...args };
  const built = path.replaceAll(/:(\w+)/g, (_, name: string) => {
    delete query[name];
    return encodedPart(String(args[name] ?? ""));
  });
  return { path: built as NomadPath, query };
}

/** The parameters in a path, as they were given. */
export function parametersIn({ path: declared }: Endpoint, path: string): Readonly<Record<string, string>> {
  const parts = path.split("/");
  const named = declared.split("/").map((part, index) => [part, parts[index] ?? ""] as const);
  return Object.fromEntries(
    named.flatMap(([part, given]) => (part.startsWith(":") ? [[part.slice(1), decodeURIComponent(given)]] : [])),
  );
}

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
  if (path === declared && !declared.includes(":")) return true;
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

/** The calls that show what commands do, each with the argument that names the object, where the command names one. */
const calls: Readonly<Record<string, readonly [tool: string, argument?: string]>> = {
  "job status :job_id": ["get_job_status", "job_id"],
  "job status": ["list_nomad_jobs"],
  "alloc status :allocation_id": ["get_allocation_status", "allocation_id"],
  "deployment status :deployment_id": ["get_deployment_status", "deployment_id"],
  "node status :node_id": ["get_node_status", "node"],
  "var get :path": ["get_variable", "path"],
  "operator scheduler get-config": ["get_server_health"],
  "acl token list": ["list_acl"],
};

/** The step that shows the object of a change, as it stands in a text: a call, else the command; undefined where none is known. */
export function showing(route: Endpoint, path: string, namespace: string): string | undefined {
  if (route.shows === undefined) return undefined;
  const [verb = "", name = ""] = route.shows.split(" :");
  const given = seal(parametersIn(route, path)[name] ?? "");
  const id = spanning.includes(name) ? given : short(given);
  const [tool, argument] = calls[route.shows] ?? [];
  return stepText({
    ...(tool !== undefined && { tool: [tool, argument === undefined ? {} : { [argument]: id }] }),
    command: id === "" ? [verb] : [verb, quotedWord(id)],
    ...(route.reach !== "cluster" && { namespace }),
  });
}

/** As a shell takes it. */
function quotedWord(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
