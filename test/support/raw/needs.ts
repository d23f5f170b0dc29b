import type { Need } from "../../../src/endpoints/needs.ts";

/** Methods joined by `|`, a path with a word in each variable place, and all that it needs: nothing where it is open. */
type Route = readonly [methods: string, pattern: string, ...needs: Need[]];

// From the per-route checks of nomad/*_endpoint.go and command/agent/*_endpoint.go (Nomad 2.0.6-dev). Where any of
// several capabilities will do, the least one that every version since 1.6 knows.
const may = (capability: string, ...finer: string[]): Need => ({
  of: "namespace",
  capabilities: [capability],
  ...(finer.length > 0 && { finer }),
});
const variables = (capability: "list" | "read" | "write" | "destroy"): Need => ({ of: "variables", capability });
const policy = (
  of: "node" | "agent" | "operator" | "plugin" | "node_pool",
  level: "list" | "read" | "write",
): Need => ({
  of,
  policy: level,
});
const management: Need = { of: "management" };
const readJob = may("read-job");
// The second where the driver does not isolate its tasks (client/alloc_endpoint.go, execImpl).
const execInTask: Need = { of: "namespace", capabilities: ["alloc-exec", "alloc-node-exec"] };
const write = "POST|PUT";

/** Jobs, and what is searched and streamed by the capabilities of jobs. */
const jobRoutes: readonly Route[] = [
  ["GET", "/v1/jobs", may("list-jobs")],
  ["GET|POST", "/v1/jobs/statuses", readJob],
  [write, "/v1/jobs/parse", may("parse-job")],
  [write, "/v1/jobs", may("submit-job", "register-job")],
  [write, "/v1/validate/job", readJob],
  ["GET", "/v1/job/:id", readJob],
  ["GET", "/v1/job/:id/action", execInTask],
  ["GET", "/v1/job/:id/:part", readJob],
  [write, "/v1/job/:id", may("submit-job", "register-job")],
  ["DELETE", "/v1/job/:id", may("submit-job", "purge-job")],
  [write, "/v1/job/:id/plan", may("submit-job", "plan-job")],
  [write, "/v1/job/:id/evaluate", may("submit-job", "evaluate-job")],
  [write, "/v1/job/:id/revert", may("submit-job", "revert-job")],
  [write, "/v1/job/:id/stable", may("submit-job", "stable-job")],
  [write, "/v1/job/:id/dispatch", may("dispatch-job")],
  [write, "/v1/job/:id/dispatch/payload", may("dispatch-job")],
  [write, "/v1/job/:id/periodic/force", may("dispatch-job", "force-periodic-job")],
  [write, "/v1/job/:id/scale", may("scale-job")],
  ["POST|PUT|DELETE", "/v1/job/:id/versions/:tag/tag", may("submit-job", "tag-job-version")],
  [write, "/v1/search", readJob],
  [write, "/v1/search/fuzzy", readJob],
  ["GET", "/v1/event/stream", readJob],
  ["GET", "/v1/scaling/policies", may("list-scaling-policies")],
  ["GET", "/v1/scaling/policy/:id", may("read-scaling-policy")],
];

/** Allocations: in the namespace that they are in, whatever the query says. */
const allocationRoutes: readonly Route[] = [
  ["GET", "/v1/allocations", readJob],
  ["GET", "/v1/allocation/:id", readJob],
  ["GET", "/v1/allocation/:id/:part", readJob],
  [write, "/v1/allocation/:id/stop", may("alloc-lifecycle")],
  ["GET", "/v1/client/allocation/:id/exec", execInTask],
  ["GET|POST|PUT", "/v1/client/allocation/:id/gc", may("submit-job", "gc-allocation")],
  ["GET|POST|PUT", "/v1/client/allocation/:id/restart", may("alloc-lifecycle")],
  [write, "/v1/client/allocation/:id/signal", may("alloc-lifecycle")],
  [write, "/v1/client/allocation/:id/pause", may("submit-job", "pause-allocation")],
  ["GET", "/v1/client/allocation/:id/:part", readJob],
  ["GET", "/v1/client/fs/logs/:id", may("read-logs")],
  ["GET", "/v1/client/fs/:verb/:id", may("read-fs")],
];

/** What else belongs to a namespace. */
const objectRoutes: readonly Route[] = [
  ["GET", "/v1/evaluations", readJob],
  ["DELETE", "/v1/evaluations", management],
  ["GET", "/v1/evaluations/count", readJob],
  ["GET", "/v1/evaluation/:id", readJob],
  ["GET", "/v1/evaluation/:id/allocations", readJob],
  ["GET", "/v1/deployments", readJob],
  ["GET", "/v1/deployment/:id", readJob],
  ["GET", "/v1/deployment/allocations/:id", readJob],
  [write, "/v1/deployment/promote/:id", may("submit-job", "promote-deployment")],
  [write, "/v1/deployment/pause/:id", may("submit-job", "pause-deployment")],
  [write, "/v1/deployment/fail/:id", may("submit-job", "fail-deployment")],
  [write, "/v1/deployment/unblock/:id", may("submit-job", "unblock-deployment")],
  [write, "/v1/deployment/allocation-health/:id", may("submit-job", "set-alloc-health-deployment")],
  ["GET", "/v1/services", readJob],
  ["GET", "/v1/service/:name", readJob],
  ["DELETE", "/v1/service/:name/:id", may("submit-job", "delete-service-registration")],
  ["GET", "/v1/vars", variables("list")],
  ["GET", "/v1/var/:path", variables("read")],
  [write, "/v1/var/:path", variables("write")],
  ["DELETE", "/v1/var/:path", variables("destroy")],
  ["GET", "/v1/volumes", { of: "namespace", capabilities: ["csi-list-volume", "host-volume-read"] }],
  ["GET", "/v1/volumes/claims", may("host-volume-read")],
  ["DELETE", "/v1/volumes/claim/:id", may("host-volume-delete")],
  ["GET", "/v1/volumes/:part", may("csi-list-volume")],
  ["POST|PUT|DELETE", "/v1/volumes/snapshot", may("csi-write-volume"), policy("plugin", "read")],
  ["GET", "/v1/volume/csi/:id", may("csi-read-volume")],
  ["POST|PUT|DELETE", "/v1/volume/csi/:id", may("csi-write-volume"), policy("plugin", "read")],
  ["POST|PUT|DELETE", "/v1/volume/csi/:id/:verb", may("csi-write-volume"), policy("plugin", "read")],
  ["GET", "/v1/volume/host/:id", may("host-volume-read")],
  [write, "/v1/volume/host/create", may("host-volume-create")],
  [write, "/v1/volume/host/register", may("host-volume-register")],
  ["DELETE", "/v1/volume/host/:id", may("host-volume-delete")],
  ["GET", "/v1/plugins", policy("plugin", "list")],
  ["GET", "/v1/plugin/csi/:id", policy("plugin", "read")],
];

/** What belongs to the cluster as a whole. */
const clusterRoutes: readonly Route[] = [
  ["GET", "/v1/nodes", policy("node", "read")],
  ["GET", "/v1/node/pools", policy("node_pool", "read")],
  [write, "/v1/node/pools", policy("node_pool", "write")],
  ["GET", "/v1/node/pool/:name", policy("node_pool", "read")],
  ["POST|PUT|DELETE", "/v1/node/pool/:name", policy("node_pool", "write")],
  ["GET", "/v1/node/pool/:name/nodes", policy("node", "read"), policy("node_pool", "read")],
  ["GET", "/v1/node/pool/:name/jobs", may("list-jobs"), policy("node_pool", "read")],
  ["GET", "/v1/node/:id", policy("node", "read")],
  ["GET", "/v1/node/:id/allocations", readJob, policy("node", "read")],
  [write, "/v1/node/:id/:verb", policy("node", "write")],
  ["GET", "/v1/client/stats", policy("node", "read")],
  ["GET", "/v1/client/metadata", policy("node", "read")],
  [write, "/v1/client/metadata", policy("node", "write")],
  ["GET|POST|PUT", "/v1/client/gc", policy("node", "write")],
  ["GET", "/v1/agent/health"],
  ["GET", "/v1/agent/members", policy("node", "read")],
  ["GET", "/v1/agent/:part", policy("agent", "read")],
  ["GET", "/v1/agent/monitor/export", policy("agent", "read")],
  [write, "/v1/agent/:verb", policy("agent", "write")],
  ["GET", "/v1/status/:part"],
  ["GET", "/v1/regions"],
  ["GET", "/v1/metrics"],
  ["GET", "/v1/namespaces"],
  ["GET", "/v1/namespace/:name", may("list-jobs")],
  ["POST|PUT|DELETE", "/v1/namespace", management],
  ["POST|PUT|DELETE", "/v1/namespace/:name", management],
  ["PUT", "/v1/system/gc", management],
  ["PUT", "/v1/system/reconcile/summaries", management],
  ["GET", "/v1/operator/autopilot/:part", policy("operator", "read")],
  [write, "/v1/operator/autopilot/configuration", policy("operator", "write")],
  ["GET", "/v1/operator/scheduler/configuration", policy("operator", "read")],
  [write, "/v1/operator/scheduler/configuration", policy("operator", "write")],
  ["GET", "/v1/operator/license", policy("operator", "read")],
  ["GET|POST|PUT|DELETE", "/v1/operator/:part", management],
  ["GET|POST|PUT|DELETE", "/v1/operator/:part/:verb", management],
  // An unknown token gets a 403 of these two all the same.
  ["GET", "/v1/acl/token/self"],
  ["GET", "/v1/acl/policy/self"],
  // They list what the token has where it may not see all.
  ["GET", "/v1/acl/policies"],
  ["GET", "/v1/acl/roles"],
  ["GET", "/v1/acl/auth-methods"],
  // Whoever signs in has no token yet.
  ["POST|PUT", "/v1/acl/login"],
  ["GET|POST|PUT|DELETE", "/v1/acl/:part", management],
  ["GET|POST|PUT|DELETE", "/v1/acl/:part/:id", management],
];

/** Every route whose needs are known; the first that fits a path counts. */
const routes: readonly Route[] = [...jobRoutes, ...allocationRoutes, ...objectRoutes, ...clusterRoutes];

const compiled = routes.map(([methods, pattern, ...needs]) => ({
  methods: methods.split("|"),
  path: new RegExp(`^${pattern.replaceAll(/:[a-z]+/g, "[^/]+")}$`),
  needs,
}));

/**
 * What a request needs of its token, all of it; empty where any token will do, undefined where the route is not known.
 * `path` is encoded, or a pattern with a word in each variable place: `/v1/job/:id/plan`.
 */
export function needsOf(method: string, path: string): readonly Need[] | undefined {
  return compiled.find((route) => route.methods.includes(method) && route.path.test(path))?.needs;
}
