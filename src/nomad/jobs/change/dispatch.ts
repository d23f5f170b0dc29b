import { randomUUID } from "node:crypto";
import { NomadError } from "../../../api/errors/errors.ts";
import { explain } from "../../../api/errors/explain.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import { pause } from "../../../api/request/exchange.ts";
import { literal } from "../../../api/request/path.ts";
import { evaluations } from "../../../endpoints/evaluations.ts";
import type { Job } from "../../../endpoints/job.ts";
import { jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { nearest } from "../../../text/nearest.ts";
import { unseal } from "../../../text/sealed.ts";
import { cutName } from "../../../text/untrusted.ts";
import { all, bytes, grouped, lines, some } from "../../../text/words.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import { listRuns } from "../runs.ts";

/** What a run of a parameterized job is given. */
export interface RunInput {
  /** As it is; undefined or empty: none. */
  readonly payload?: string | undefined;
  readonly meta: Readonly<Record<string, string>>;
}

/** A child job that was launched. */
export interface LaunchedRun {
  readonly jobId: string;
  /** Empty where it is not scheduled at once. */
  readonly evaluationId: string;
}

/** What launching knows of the call. */
export interface Launching {
  readonly signal: AbortSignal;
  /** Stands for the code of the consent, where there was one. */
  readonly consent?: string | undefined;
}

/** `DispatchPayloadSizeLimit` in nomad/job_endpoint.go, bytes. */
const largestPayload = 16 * 1024;
/** So long after a lost answer, in ms, Nomad is asked a second time whether the run is there. */
const secondLook = 1_000;

/**
 * Holds what a run is given against what the job asks for (`validateDispatchRequest` in nomad/job_endpoint.go).
 *
 * @throws Refusal with everything that does not fit and what does, before anything is sent.
 */
export function checkInput({ ID, ParameterizedJob: wanted }: Job, { payload = "", meta }: RunInput): void {
  const required = wanted?.MetaRequired ?? [];
  const optional = (wanted?.MetaOptional ?? []).filter((key) => !required.includes(key));
  const known = [...required, ...optional];
  const size = Buffer.byteLength(unseal(payload));
  const missing = required.filter((key) => !Object.hasOwn(meta, key));
  const unknown = Object.keys(meta).filter((key) => !known.includes(key));
  const faults = [
    missing.length > 0 && `it needs meta ${all(missing)}`,
    ...unknown.map((key) => noSuchMeta(key, known)),
    size === 0 && wanted?.Payload === "required" && "it needs a payload",
    size > 0 && wanted?.Payload === "forbidden" && "it takes no payload",
    size > largestPayload && `its payload may have 16,384 bytes, not ${grouped(size)}: pass where the data is instead`,
  ].filter((fault) => fault !== false);
  if (faults.length === 0) return;
  throw new Refusal(
    lines(
      `${ID} was not dispatched: ${faults.join("; ")}. Nothing was started.`,
      `It takes: ${takes(required, optional, wanted?.Payload)}`,
    ),
  );
}

function noSuchMeta(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return `it takes no meta ${JSON.stringify(key.slice(0, 80))}${near === undefined ? "" : ` (${near} is near)`}`;
}

function takes(required: readonly string[], optional: readonly string[], payload = "optional"): string {
  return [
    required.length > 0 && `meta ${all(required)} (required)`,
    optional.length > 0 && `meta ${all(optional)} (optional)`,
    required.length + optional.length === 0 && "no meta",
    payload === "forbidden" ? "no payload" : `a payload (${payload})`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** What a run is given, in words: "meta run_date=2026-11-20 and a payload of 1.2 KiB". */
export function inputText({ payload = "", meta }: RunInput): string {
  const pairs = Object.entries(meta).map(([key, value]) => `${key}=${cutName(value, 80)}`);
  return [
    pairs.length === 0 ? "no meta" : `meta ${some(pairs, 12)}`,
    payload === "" ? "no payload" : `a payload of ${bytes(Buffer.byteLength(unseal(payload)))}`,
  ].join(", ");
}

/**
 * Starts a child of a parameterized job, once. Where the answer is lost, the request is not repeated: Nomad keeps the
 * token of the call with the child that it made, so whether it has made one can be read. A code is such a token, too: Nomad
 * makes one child of it, however many servers it is brought to.
 *
 * @throws Refusal where the code has made a child already, or the answer is lost and no child is found.
 */
export async function dispatch(
  nomad: NomadClient,
  jobId: string,
  { payload = "", meta }: RunInput,
  { signal, consent }: Launching,
): Promise<LaunchedRun> {
  // Otherwise of its own for every call: a second run with the same input may be wanted.
  const token = consent ?? randomUUID();
  if (consent !== undefined) await refuseSpent(nomad, jobId, consent);
  const body = { Meta: meta, ...(payload !== "" && { Payload: Buffer.from(unseal(payload)).toString("base64") }) };
  try {
    const made = await nomad.write(jobs.dispatch, { job_id: jobId, idempotency_token: token }, body);
    return { jobId: made.DispatchedJobID, evaluationId: made.EvalID };
  } catch (error) {
    if (!(error instanceof NomadError) || error.kind === "cancelled" || !error.mayHaveHappened) throw error;
    const found = await madeWith(nomad, jobId, token, signal);
    if (typeof found === "object") {
      nomad.brought(found.evaluationId);
      return found;
    }
    throw new Refusal(
      lines(
        explain(error),
        found === "none" && "Nomad has no run of this call so far, so most likely nothing was started.",
        `Next: ${listRuns(nomad, jobId, "dispatch")} shows its runs`,
      ),
    );
  }
}

async function refuseSpent(nomad: NomadClient, jobId: string, consent: string): Promise<void> {
  const made = await childOfToken(nomad, jobId, consent);
  if (made === undefined) return;
  const look = toolOrCommand(nomad, ["get_job_status", { job_id: made.jobId }], ["job status", made.jobId]);
  throw new Refusal(
    `That code was used already: it started ${made.jobId}. Nothing was started by this call.\nNext: ${look} says how that one goes`,
  );
}

/** The child that the token is kept with; `unknown` where Nomad does not say. */
async function madeWith(
  nomad: NomadClient,
  jobId: string,
  token: string,
  signal: AbortSignal,
): Promise<LaunchedRun | "none" | "unknown"> {
  try {
    const found = await childOfToken(nomad, jobId, token);
    if (found !== undefined) return found;
    // What was cut off on its way may still arrive.
    await pause(signal, secondLook);
    return (await childOfToken(nomad, jobId, token)) ?? "none";
  } catch (error) {
    if (!(error instanceof NomadError)) throw error;
    return "unknown";
  }
}

async function childOfToken(nomad: NomadClient, jobId: string, token: string): Promise<LaunchedRun | undefined> {
  const filter = `DispatchIdempotencyToken == ${literal(token)}`;
  const [child] = (await nomad.list(jobs.list, { prefix: `${jobId}/dispatch-`, filter, per_page: 1 })).items;
  if (child === undefined) return undefined;
  const { items } = await nomad.list(evaluations.list, { filter: `JobID == ${literal(child.ID)}`, per_page: 1 });
  return { jobId: child.ID, evaluationId: items[0]?.ID ?? "" };
}
