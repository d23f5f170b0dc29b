import type { $Fetch, FetchResponse } from "ofetch";
import { seal } from "../../text/sealed.ts";
import { codeOf, explainTls, faultIn, rootCause } from "../connect/fault.ts";
import { type FailedRequest, NomadError, type NomadErrorKind } from "../errors/errors.ts";
import type { Connection, Request, Sent, ServerClock } from "./connection.ts";
import { queryText } from "./path.ts";

/** True for faults that a read may meet once and not again. */
export function passes({ kind, status }: NomadError): boolean {
  if (kind === "rate_limited" || kind === "no_leader" || kind === "connection_lost") return true;
  return kind === "not_nomad" && (status === 502 || status === 503 || status === 504);
}

/** What the network said, found at the end of the chain of causes. */
export function network(error: unknown): [NomadErrorKind, string] {
  const fault = faultIn(error);
  if (fault) return [fault.kind, fault.message];
  const deepest = rootCause(error);
  const code = codeOf(deepest);
  const words = deepest instanceof Error ? deepest.message || code : String(deepest);
  if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/.test(code)) {
    return ["unreachable", words];
  }
  const tls = explainTls(deepest);
  return tls ? ["tls", tls] : ["connection_lost", words];
}

const fetches = new WeakMap<typeof fetch, Promise<$Fetch>>();

/** ofetch over a way to a cluster, made once for each and loaded with the first request; Node's own where none is given. */
async function fetchOver(way: typeof fetch = nodesFetch): Promise<$Fetch> {
  const known =
    fetches.get(way) ?? import("ofetch").then(({ createFetch }) => createFetch({ fetch: way, defaults: {} }));
  fetches.set(way, known);
  return await known;
}

/** Looked up at each call: what replaces the global one, as tests do, is meant. */
const nodesFetch: typeof fetch = async (...request) => await fetch(...request);

/** Where a request goes, and the headers that every one has. */
export function addressOf(
  { base, headers, region }: Connection,
  { path, query }: Request,
  token: string | undefined,
): { readonly url: string; readonly headers: Readonly<Record<string, string>> } {
  const url = `${base}${path}${queryText({ region, ...query })}`;
  return { url, headers: { ...headers, ...(token && { "X-Nomad-Token": token }) } };
}

/** Sends a request with a token and gives the reply, whatever it says, its body unread in `_data`. */
export async function exchange(
  connection: Connection,
  request: Request,
  token: string | undefined,
  signal: AbortSignal,
): Promise<FetchResponse<ReadableStream<Uint8Array>>> {
  const { raw } = await fetchOver(connection.fetch);
  const { url, headers } = addressOf(connection, request, token);
  return await raw<Uint8Array, "stream">(url, {
    method: request.route.method,
    ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
    headers: { ...headers, ...(request.body !== undefined && { "Content-Type": "application/json" }) },
    responseType: "stream",
    ignoreResponseError: true,
    redirect: "manual",
    retry: 0,
    signal,
  });
}

/** Keeps the difference of clocks that a reply tells. Its header has whole seconds: below two of them is none. */
export function keepTime(clock: ServerClock, headers: Headers): void {
  const date = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(date)) return;
  const skew = date - Date.now();
  clock.skew = Math.abs(skew) < 2_000 ? 0 : skew;
}

/** The body of a reply that has none. */
export async function* empty(): AsyncGenerator<Uint8Array> {}

/**
 * Reads a body to its end. `grow` is told of each chunk, and the next is not read before it is done.
 *
 * @throws NomadError `too_large` beyond `limit` bytes.
 */
export async function collect(
  request: FailedRequest,
  body: AsyncIterable<Uint8Array>,
  limit: number,
  grow?: (size: number, chunk: Uint8Array) => Promise<void>,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limit) {
      throw new NomadError("too_large", request, `more than ${limit.toLocaleString("en")} bytes`);
    }
    chunks.push(chunk);
    await grow?.(size, chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads the first `limit` bytes of a body, or all of it where it is shorter. */
export async function start(body: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit);
}

/** Waits `ms`, or less when the call is cancelled. */
export function pause(signal: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}

/** The token of a reply, which names an object: header values come as bytes, and ids need not be ASCII. */
export function tokenIn(headers: Headers): string | undefined {
  const token = headers.get("x-nomad-nexttoken");
  return token ? seal(Buffer.from(token, "latin1").toString("utf8")) : undefined;
}

/** Begins to measure a request; gives what tells how it ended. */
export function measuring({ measured }: Connection, waits: boolean): (outcome: Sent["outcome"]) => void {
  const begun = performance.now();
  return (outcome) => measured?.({ outcome, ms: performance.now() - begun, waits });
}
