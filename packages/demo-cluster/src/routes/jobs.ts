import { HttpError, notInDemo, serverError } from "../errors.ts";
import { parseHcl } from "../hcl/parse-job.ts";
import { type Call, query, type Reply } from "../http.ts";
import { decodeBody, parseJson } from "../job/decode.ts";
import { dispatch, readDispatch } from "../job/dispatch.ts";
import { launch } from "../job/periodic.ts";
import { planJob } from "../job/plan.ts";
import { deregister, evaluate, register } from "../job/registry.ts";
import type { Sent } from "../job/sent.ts";
import type { Submission } from "../state/job-types.ts";
import { type Change, jobKey } from "../state/store.ts";
import { jobStub } from "../state/wire.ts";
import type { World } from "../world.ts";
import { postRevert, registered, tag } from "./job-changes.ts";
import { READS, readJob } from "./job-reads.ts";
import type { JobRoute } from "./job-route.ts";
import { flag, inNamespace, only, page } from "./lists.ts";
import { jobServices } from "./services.ts";

const POST = ["POST", "PUT"];

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** GET and POST /v1/jobs. */
export function jobs(world: World, call: Call): Promise<Reply> | Reply {
  if (call.method !== "GET") {
    only(call, "GET", ...POST);
    return update(world, call, "");
  }
  const { store } = world;
  const prefix = call.query.get("prefix") ?? "";
  const touches = (change: Change) => change.table === "jobs" || change.table === "job_summary";
  return query(store, call, touches, () => ({
    index: Math.max(store.tables.jobs, store.tables.job_summary),
    reply: page(call, {
      items: [...store.jobs.values()].filter((job) => inNamespace(call)(job) && job.ID.startsWith(prefix)),
      order: (a, b) => byName(a.Namespace, b.Namespace) || byName(a.ID, b.ID),
      token: (job) => `${job.Namespace}.${job.ID}`,
      stub: (job) => jobStub(job, store.summaries.get(jobKey(job.Namespace, job.ID)), flag(call, "meta") ?? false),
    }),
  }));
}

/** POST /v1/jobs/parse. */
export function parse(call: Call): Reply {
  only(call, ...POST);
  const body = parseJson(call.body) as { JobHCL?: unknown; Variables?: unknown; Canonicalize?: unknown };
  if (typeof body.JobHCL !== "string" || body.JobHCL === "") throw new HttpError(400, "Job spec is empty");
  if (body.Canonicalize === true) throw notInDemo("parsing with Canonicalize");
  const variables = typeof body.Variables === "string" ? body.Variables : "";
  return { json: parseHcl(body.JobHCL, variables) };
}

/** The namespace that a job goes to: the query's, else the body's, else the job's own, else default. */
function namespaceFor(call: Call, body: Sent, job: Sent): string {
  const said = [call.query.get("namespace"), body.Namespace, job.Namespace];
  return String(said.find((name) => name !== null && name !== undefined && name !== "") ?? "default");
}

function update(world: World, call: Call, id: string): Reply {
  const body = decodeBody("JobRegisterRequest", parseJson(call.body));
  const job = body.Job as Sent | null;
  if (!job) throw new HttpError(400, "Job must be specified");
  if (job.ID === null) throw new HttpError(400, "Job ID hasn't been provided");
  if (id !== "" && job.ID !== id) throw new HttpError(400, "Job ID does not match name");
  if (job.Type === "system" && (job.TaskGroups as Sent[] | null)?.some((group) => group.Scaling))
    throw new HttpError(400, "Task groups with job type system do not support scaling blocks");
  checkPriority(Number(body.EvalPriority));
  return registered(
    register(world, job, namespaceFor(call, body, job), {
      enforceIndex: body.EnforceIndex as boolean,
      jobModifyIndex: Number(body.JobModifyIndex),
      preserveCounts: body.PreserveCounts as boolean,
      evalPriority: Number(body.EvalPriority),
      submission: body.Submission as Submission | null,
    }),
  );
}

function checkPriority(priority: number): void {
  if (priority !== 0 && (priority < 1 || priority > 100))
    throw new HttpError(400, "Eval priority must be between 1 and 100 inclusively");
}

function remove({ store }: World, call: Call, id: string): Reply {
  const purge = flag(call, "purge") ?? false;
  flag(call, "global");
  const priority = Number(call.query.get("eval_priority") ?? 0);
  checkPriority(priority);
  const { Warnings: _, ...reply } = registered(deregister(store, call.namespace, id, purge, priority)).json as Sent;
  return { json: { ...reply, VolumeEvalID: "", VolumeEvalIndex: 0 }, index: Number(reply.Index) };
}

const plan: JobRoute = (world, call, id) => {
  only(call, ...POST);
  const body = decodeBody("JobPlanRequest", parseJson(call.body));
  const job = body.Job as Sent | null;
  if (!job) throw new HttpError(400, "Job must be specified");
  if (job.ID === null) throw new HttpError(400, "Job must have a valid ID");
  if (job.ID !== id) throw new HttpError(400, "Job ID does not match");
  const json = planJob(world, job, namespaceFor(call, body, job), body.Diff === true);
  return { json, index: Number(json.Index) };
};

const force: JobRoute = (world, call, id) => {
  only(call, ...POST);
  let reschedule = false;
  if (call.body !== "") {
    const body = parseJson(call.body) as { JobID?: string; EvalOptions?: { ForceReschedule?: boolean } };
    if (!body.JobID) throw new HttpError(400, "Job ID must be specified");
    if (body.JobID !== id) throw new HttpError(400, "JobID not same as job name");
    reschedule = body.EvalOptions?.ForceReschedule === true;
  }
  return registered(evaluate(world.store, call.namespace, id, reschedule));
};

const periodicForce: JobRoute = ({ store }, call, id) => {
  only(call, ...POST);
  const job = store.jobs.get(jobKey(call.namespace, id));
  if (!job) throw serverError("job not found");
  if (!job.Periodic) throw serverError("can't force launch non-periodic job");
  if (job.Stop || !job.Periodic.Enabled)
    throw serverError(
      `force launch for job ${JSON.stringify(id)} failed: can't force run non-tracked job ${JSON.stringify(id)} (${call.namespace})`,
    );
  const { ID } = launch(store, job, store.clock.now());
  const index = store.evals.get(ID)?.CreateIndex ?? store.index;
  return { json: { EvalID: ID, EvalCreateIndex: index, Index: index }, index };
};

const dispatched: JobRoute = ({ store }, call, id) => {
  only(call, ...POST);
  const request = readDispatch(parseJson(call.body), id);
  const json = dispatch(store, call.namespace, request, call.query.get("idempotency_token") ?? "");
  return { json, index: json.Index };
};

const whole: JobRoute = (world, call, id) => {
  if (call.method === "DELETE") return remove(world, call, id);
  if (POST.includes(call.method)) return update(world, call, id);
  return readJob(world, call, id);
};

const beyond =
  (what: string): JobRoute =>
  () => {
    throw notInDemo(what);
  };

const actions: JobRoute = ({ store }, call, id) => {
  only(call, "GET");
  const job = store.jobs.get(jobKey(call.namespace, id));
  if (!job) throw serverError(`Unknown job ${JSON.stringify(id)}`);
  const all = job.TaskGroups.flatMap(({ Name: TaskGroupName, Tasks }) =>
    Tasks.flatMap(({ Name: TaskName, Actions }) =>
      (Actions ?? []).map(({ Name, Command, Args }) => ({
        Args: Args ?? null,
        Command,
        Name,
        TaskGroupName,
        TaskName,
      })),
    ),
  );
  return { json: all, index: 0 };
};

const onlyUpgraded: JobRoute = () => {
  throw serverError("websocket connection not found in context");
};

/** What may stand behind a job's id; ids may hold slashes, so the end of the path decides. */
const ENDINGS: [string, JobRoute][] = [
  ...READS,
  ["/evaluate", force],
  ["/periodic/force", periodicForce],
  ["/plan", plan],
  ["/dispatch", dispatched],
  ["/dispatch/payload", beyond("dispatching a payload as it is")],
  ["/revert", postRevert],
  ["/stable", beyond("marking a version stable")],
  ["/services", jobServices],
  ["/actions", actions],
  ["/action", onlyUpgraded],
  ["/tag", tag],
];

/** /v1/job/:id and what is under it. */
export function job(world: World, call: Call): Promise<Reply> | Reply {
  const path = call.path.slice("job/".length);
  for (const [ending, route] of ENDINGS)
    if (path.endsWith(ending)) return route(world, call, path.slice(0, -ending.length));
  return whole(world, call, path);
}
