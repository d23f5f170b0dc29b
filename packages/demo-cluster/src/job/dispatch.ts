import { HttpError, serverError } from "../errors.ts";
import { newEvaluation } from "../state/fresh.ts";
import { isParameterized, type Job } from "../state/job-types.ts";
import { jobKey, type Store } from "../state/store.ts";

/** The largest payload that the servers take, in bytes. */
const LARGEST_PAYLOAD = 16 * 1024;

/** What a child is asked for with. */
export interface DispatchRequest {
  JobID: string;
  /** Base64. */
  Payload: string;
  Meta: Record<string, string>;
  IdPrefixTemplate: string;
  Priority: number;
}

/** What dispatching comes to, as it is sent. A request that is known by its token has no evaluation of its own. */
export interface Dispatched {
  DispatchedJobID: string;
  EvalID: string;
  EvalCreateIndex: number;
  JobCreateIndex: number;
  Index: number;
}

/** Reads a request's body: Go says what is wrong with it before the servers see it. */
export function readDispatch(sent: unknown, id: string): DispatchRequest {
  const body = sent as Partial<DispatchRequest>;
  const payload = body.Payload ?? "";
  const wrong = /[^A-Za-z0-9+/=]/.exec(payload);
  if (wrong) throw new HttpError(400, `illegal base64 data at input byte ${wrong.index}`);
  for (const value of Object.values(body.Meta ?? {}))
    if (typeof value !== "string")
      throw new HttpError(
        400,
        `json: cannot unmarshal ${typeof value} into Go struct field JobDispatchRequest.Meta of type string`,
      );
  if (body.JobID && body.JobID !== id) throw new HttpError(400, "Job ID does not match");
  return {
    JobID: id,
    Payload: payload,
    Meta: body.Meta ?? {},
    IdPrefixTemplate: body.IdPrefixTemplate ?? "",
    Priority: body.Priority ?? 0,
  };
}

/** Starts a child of a parameterized job, or finds the one that the same token has started. */
export function dispatch(store: Store, namespace: string, request: DispatchRequest, token: string): Dispatched {
  const parent = store.jobs.get(jobKey(namespace, request.JobID));
  if (!parent) throw serverError("parameterized job not found");
  const named = JSON.stringify(parent.ID);
  if (!isParameterized(parent)) throw serverError(`Specified job ${named} is not a parameterized job`);
  if (parent.Stop) throw serverError(`Specified job ${named} is stopped`);
  checkRequest(parent, request);
  for (const job of store.jobs.values())
    if (token !== "" && job.DispatchIdempotencyToken === token && isChildOf(job, parent))
      return {
        DispatchedJobID: job.ID,
        EvalID: "",
        EvalCreateIndex: 0,
        JobCreateIndex: job.CreateIndex,
        Index: job.ModifyIndex,
      };
  const child = childOf(store, parent, request, token);
  const evaluation = child.Periodic ? undefined : newEvaluation(store, child, "job-register");
  const index = store.write((put, at) => {
    put.job(child);
    if (evaluation) put.evaluation({ ...evaluation, JobModifyIndex: at });
  });
  return {
    DispatchedJobID: child.ID,
    EvalID: evaluation?.ID ?? "",
    EvalCreateIndex: evaluation ? index : 0,
    JobCreateIndex: index,
    Index: index,
  };
}

const isChildOf = (job: Job, parent: Job) => job.ParentID === parent.ID && job.Namespace === parent.Namespace;

function childOf(store: Store, parent: Job, request: DispatchRequest, token: string): Job {
  const prefix = request.IdPrefixTemplate === "" ? "" : `${request.IdPrefixTemplate}-`;
  const seconds = Math.floor(store.clock.now() / 1000);
  const id = `${parent.ID}/dispatch-${prefix}${seconds}-${store.chance.uuid().slice(0, 8)}`;
  const given = Object.keys(request.Meta).length > 0;
  return {
    ...parent,
    ID: id,
    Name: id,
    ParentID: parent.ID,
    Dispatched: true,
    DispatchIdempotencyToken: token,
    Payload: request.Payload === "" ? null : request.Payload,
    Meta: given ? { ...parent.Meta, ...request.Meta } : parent.Meta,
    Priority: request.Priority || parent.Priority,
    Status: "",
    StatusDescription: "",
    SubmitTime: store.stamp(),
  };
}

function checkRequest({ ParameterizedJob: wanted }: Job, { Payload, Meta, Priority }: DispatchRequest): void {
  const size = Buffer.from(Payload, "base64").length;
  if (wanted?.Payload === "required" && size === 0)
    throw serverError("Payload is not provided but required by parameterized job");
  if (wanted?.Payload === "forbidden" && size > 0)
    throw serverError("Payload provided but forbidden by parameterized job");
  if (size > LARGEST_PAYLOAD) throw serverError(`Payload exceeds maximum size; ${size} > ${LARGEST_PAYLOAD}`);
  const required = wanted?.MetaRequired ?? [];
  const known = [...required, ...(wanted?.MetaOptional ?? [])];
  const unpermitted = Object.keys(Meta).filter((key) => !known.includes(key));
  if (unpermitted.length > 0)
    throw serverError(`Dispatch request included unpermitted metadata keys: [${unpermitted.join(" ")}]`);
  const missing = required.filter((key) => !Object.hasOwn(Meta, key));
  if (missing.length > 0) throw serverError(`Dispatch did not provide required meta keys: [${missing.join(" ")}]`);
  if (Priority < 0 || Priority > 100) throw serverError("dispatch job priority must be between [1, 100]");
}
