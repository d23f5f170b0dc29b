import { existsSync, readFileSync } from "node:fs";
import { HttpError } from "demo-cluster/errors.ts";
import { compileFilter } from "demo-cluster/filter.ts";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import type { Deployment } from "../../src/endpoints/deployments.ts";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import type { Job } from "../../src/endpoints/job.ts";
import type { JobStub, JobSummary, ScaleStatus } from "../../src/endpoints/jobs.ts";
import type { Node, NodeStub } from "../../src/endpoints/nodes.ts";
import type { Registration } from "../../src/endpoints/services.ts";

/** One exchange with a real Nomad, as test/recorded keeps it. */
export interface Exchange<T = unknown> {
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown };
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: T;
  /** What came over a websocket in place of a body. */
  readonly frames?: readonly string[];
}

/** An exchange of test/recorded: `recorded<Job>("crash-loop/job.json")`. Each call gives a copy of its own. */
export function recorded<T = unknown>(file: string): Exchange<T> {
  const exchange: Exchange<T> = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  return exchange;
}

const folder = new URL("../recorded/", import.meta.url);

/** The address that a recorded Nomad is served at. */
export const address = "http://nomad.test:4646";

/** Everything that Nomad knows of one job, free to be changed before it is served. */
export interface RecordedState {
  job: Job;
  summary: JobSummary;
  /** Where it was not recorded, what Nomad computes from the rest. */
  scale: ScaleStatus | undefined;
  allocations: AllocationStub[];
  evaluations: Evaluation[];
  deployments: Deployment[];
  /** Log exchanges by `task/stream`, whichever allocation of the task they were recorded of. */
  logs: Record<string, Exchange<string>>;
  /** What `/v1/client/allocation/:id/checks` answers, by allocation; `null` for those without checks. */
  checks: Record<string, unknown>;
  /** What `/v1/service/:name` answers, whichever: what is registered of an allocation. */
  registrations: Registration[];
  nodes: NodeStub[];
  /** What `/v1/job/:id/versions?diffs=true` answers; undefined where it was not recorded. */
  versions: unknown;
  /** The rows of `/v1/jobs`: those of the whole recorded cluster, the job's own as its folder has it. */
  jobs: JobStub[];
  /** When a periodic job starts next, as a plan answers it. */
  nextLaunch: string | null;
  /** The server's clock, ms: shortly after the last thing that happened in the folder. */
  now: number;
}

/** The state of the job that a folder of test/recorded tells of. */
export function recordedState(name: string): RecordedState {
  const read = <T>(file: string): T | undefined =>
    existsSync(new URL(`${name}/${file}.json`, folder)) ? recorded<T>(`${name}/${file}.json`).body : undefined;
  const rows = recorded<JobStub[]>("lists/jobs.json").body;
  const job = name === "stop" ? recorded<Job>("stop/hello-after.json").body : recorded<Job>(`${name}/job.json`).body;
  const row = rows.find(({ ID, Namespace }) => ID === job.ID && Namespace === job.Namespace);
  const summary = read<JobSummary>("summary") ?? row?.JobSummary;
  if (!summary) throw new Error(`test/recorded/${name} does not tell of a job`);
  const deployment = read<Deployment | null>("deployment");
  const own: JobStub = {
    ...{ ID: job.ID, ParentID: job.ParentID, Name: job.Name, Namespace: job.Namespace, Type: job.Type },
    ...{ Status: job.Status, Stop: job.Stop, Periodic: job.Periodic !== null },
    ...{ ParameterizedJob: job.ParameterizedJob !== null, JobSummary: summary, SubmitTime: job.SubmitTime },
    ...{ CreateIndex: job.CreateIndex, ModifyIndex: job.ModifyIndex, JobModifyIndex: job.JobModifyIndex },
  };
  const state: RecordedState = {
    job,
    summary,
    scale: read("scale"),
    allocations: read("allocations") ?? [],
    evaluations: read("evaluations") ?? [],
    deployments: read<Deployment[]>("deployments") ?? (deployment ? [deployment] : []),
    logs: {},
    checks: {},
    registrations: [],
    nodes: recorded<NodeStub[]>("lists/nodes.json").body,
    versions: read("versions"),
    jobs: [...rows.filter((each) => each !== row), own],
    nextLaunch: null,
    now: 0,
  };
  for (const stream of ["stderr", "stdout"]) {
    if (!existsSync(new URL(`${name}/log-${stream}.json`, folder))) continue;
    const log = recorded<string>(`${name}/log-${stream}.json`);
    const task = new URL(log.request.path, address).searchParams.get("task");
    state.logs[`${task}/${stream}`] = log;
  }
  state.now = Math.ceil(lastTime(state) / 1000 + 2) * 1000;
  return state;
}

/** The last time that anything of the job was changed at, ms. */
function lastTime({ job, jobs, allocations, evaluations, deployments }: RecordedState): number {
  const children = jobs.filter(({ ParentID }) => ParentID === job.ID);
  const changed = [...allocations, ...evaluations, ...deployments].map(({ ModifyTime }) => ModifyTime);
  return Math.max(job.SubmitTime, ...changed, ...children.map(({ SubmitTime }) => SubmitTime)) / 1e6;
}

/** What Nomad answers to one request. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const json = (body: unknown, headers: Record<string, string> = {}): Reply => ({
  status: 200,
  headers: { "Content-Type": "application/json", "X-Nomad-Index": "220", ...headers },
  text: JSON.stringify(body),
});
const plain = (status: number, text: string): Reply => ({ status, headers: { "Content-Type": "text/plain" }, text });

/** What Nomad answers in this state; undefined for what the state does not tell. */
export function answer(state: RecordedState, method: string, path: string, query: URLSearchParams): Reply | undefined {
  const namespace = query.get("namespace") ?? "default";
  const here = namespace === state.job.Namespace;
  const [, id, part] = /^\/v1\/job\/(.+?)(?:\/(summary|scale|plan|versions))?$/.exec(path) ?? [];
  if (id !== undefined) {
    if (!here || id !== state.job.ID) return plain(404, "job not found");
    if (method === "POST" && part === "plan") return json({ NextPeriodicLaunch: state.nextLaunch, Warnings: "" });
    if (method !== "GET") return undefined;
    if (part === "versions") return json(state.versions ?? { Versions: [state.job], Diffs: null });
    return json(part === "summary" ? state.summary : part === "scale" ? (state.scale ?? scaleOf(state)) : state.job);
  }
  if (path === "/v1/jobs/statuses") return json(recorded("lists/statuses.json").body);
  // None of the texts that are searched for is in the recorded jobs.
  if (path === "/v1/search") return json({ Matches: {}, Truncations: {} });
  if (path === "/v1/search/fuzzy") return json({ Matches: {}, Truncations: {} });
  if (method !== "GET") return undefined;
  const [, allocation] = /^\/v1\/client\/allocation\/([^/]+)\/checks$/.exec(path) ?? [];
  if (allocation !== undefined) return json(state.checks[allocation] ?? null);
  if (path.startsWith("/v1/service/")) return json(state.registrations);
  const [, node] = /^\/v1\/node\/([^/]+)$/.exec(path) ?? [];
  if (node !== undefined) {
    const known = state.nodes.find(({ ID }) => ID === node);
    return known
      ? json({ StatusUpdatedAt: state.now / 1000 - 60, Events: [], ...whatNodesAre, ...known })
      : plain(404, "node not found");
  }
  if (path.startsWith("/v1/client/fs/logs/")) return logOf(state, query);
  const [, kind, single] = /^\/v1\/(deployment|evaluation)\/([^/]+)$/.exec(path) ?? [];
  if (single !== undefined) {
    const found = (kind === "deployment" ? state.deployments : state.evaluations).find(({ ID }) => ID === single);
    return found ? json(found) : plain(404, kind === "deployment" ? "deployment not found" : "eval not found");
  }
  switch (path) {
    case "/v1/jobs":
      return page(state.jobs, namespace, query, (job) => `${job.Namespace}.${job.ID}`);
    case "/v1/allocations": {
      const bare = query.get("task_states") === "false";
      const rows = state.allocations.map((each) => (bare ? { ...each, TaskStates: null } : each));
      return page(rows, namespace, query, byIndex);
    }
    case "/v1/evaluations":
      return page(state.evaluations, namespace, query, byIndex);
    case "/v1/deployments":
      return page(state.deployments, namespace, query, byIndex);
    case "/v1/regions":
      return json(recorded("cluster/regions.json").body);
    case "/v1/operator/scheduler/configuration":
      return json(recorded("operator/scheduler.json").body);
    case "/v1/nodes": {
      const nodes = state.nodes.map((node) => ({
        ...node,
        ...(query.get("resources") !== "true" && { NodeResources: null }),
      }));
      return page(nodes, "*", query, ({ ID }) => ID);
    }
    default:
      return undefined;
  }
}

/** What a list of nodes leaves out. */
const { Attributes, Meta } = recorded<Node>("node/read.json").body;
const whatNodesAre = { Attributes, Meta };

/** Nomad sorts these lists by their CreateIndex (state store, `create` index), which is a number. */
const byIndex = (item: { CreateIndex: number; ID: string }) =>
  `${String(item.CreateIndex).padStart(20, "0")}.${item.ID}`;

/** One page of a list, as Nomad filters, sorts and cuts it; the token names the first item of the next page. */
function page<T extends { ID: string; Namespace?: string }>(
  items: readonly T[],
  namespace: string,
  query: URLSearchParams,
  key: (item: T) => string,
): Reply {
  try {
    const passes = compileFilter(query.get("filter"));
    const found = items
      .filter((item) => namespace === "*" || item.Namespace === namespace)
      .filter((item) => item.ID.startsWith(query.get("prefix") ?? "") && passes(item))
      .sort((one, other) => (key(one) < key(other) ? -1 : 1));
    if (query.get("reverse") === "true") found.reverse();
    const token = query.get("next_token");
    const start = token === null ? 0 : found.findIndex((item) => key(item) === token);
    const end = start + Number(query.get("per_page") ?? found.length);
    const next = found[end];
    return json(found.slice(start, end), next === undefined ? {} : { "X-Nomad-Nexttoken": key(next) });
  } catch (error) {
    if (error instanceof HttpError) return plain(error.status, error.message);
    throw error;
  }
}

/** The last `offset` bytes of a log, as `origin=end` gives them. */
function logOf({ logs }: RecordedState, query: URLSearchParams): Reply | undefined {
  const log = logs[`${query.get("task")}/${query.get("type")}`];
  if (log === undefined) return undefined;
  if (log.status !== 200) return plain(log.status, log.body);
  const offset = Number(query.get("offset"));
  const bytes = Buffer.from(log.body);
  return plain(
    200,
    bytes.subarray(query.get("origin") === "end" ? Math.max(0, bytes.length - offset) : offset).toString(),
  );
}

/** As nomad/job_endpoint.go, ScaleStatus: terminal allocations and canaries are not counted. */
function scaleOf({ job, allocations }: RecordedState): ScaleStatus {
  const groups = (job.TaskGroups ?? []).map(({ Name, Count }) => {
    const live = allocations.filter(
      (each) =>
        each.TaskGroup === Name &&
        each.DeploymentStatus?.Canary !== true &&
        each.DesiredStatus === "run" &&
        !["complete", "failed", "lost"].includes(each.ClientStatus),
    );
    const count = (test: (each: AllocationStub) => boolean) => live.filter(test).length;
    const status = {
      Desired: Count,
      Placed: live.length,
      Running: count(({ ClientStatus }) => ClientStatus === "running"),
      Healthy: count(({ DeploymentStatus }) => DeploymentStatus?.Healthy === true),
      Unhealthy: count(({ DeploymentStatus }) => DeploymentStatus?.Healthy === false),
    };
    return [Name, status] as const;
  });
  return { JobStopped: job.Stop, TaskGroups: Object.fromEntries(groups) };
}
