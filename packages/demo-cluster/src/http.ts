import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "./clock.ts";
import { HttpError } from "./errors.ts";
import { MS, parseGoDuration } from "./gotime.ts";
import type { Change, Store } from "./state/store.ts";

/** A request as the routes see it. */
export interface Call {
  method: string;
  /** Decoded, without `/v1/`. */
  path: string;
  query: URLSearchParams;
  body: string;
  /** What `?namespace=` says, `default` if nothing. */
  namespace: string;
  /** Aborted when the client has gone. */
  closed: AbortSignal;
}

/** An answer. JSON unless it is text or a stream; with `meta` it is a query's and has the query's headers. */
export interface Reply {
  json?: unknown;
  text?: string;
  type?: string;
  status?: number;
  index?: number;
  meta?: boolean;
  nextToken?: string;
  /** Writes until it is done or the client has gone. `following` says that it will wait for more. */
  stream?: (write: (bytes: Buffer | string) => void, closed: AbortSignal) => Promise<void>;
  following?: boolean;
}

/** A look at the state: its index, and what there is, or the error that there is nothing. */
export interface Look {
  index: number;
  reply: Reply | HttpError;
}

/** One request that was answered. */
export interface RequestLog {
  method: string;
  path: string;
  status: number;
  /** Bytes of the body that were sent back. */
  bytes: number;
}

/** What answers requests. */
export type Handle = (call: Call) => Promise<Reply> | Reply;

const KEPT_REQUESTS = 1000;
const MAX_WAIT = 300_000;

/** Answers a query at once, or, with `?index=`, when something newer than that is there or the wait is over. */
export async function query(
  store: Store,
  call: Call,
  touches: (change: Change) => boolean,
  look: () => Look,
): Promise<Reply> {
  const { index, wait } = blockingOptions(call);
  const settle = ({ reply, index: at }: Look): Reply => {
    if (reply instanceof HttpError) throw new HttpError(reply.status, reply.message, at);
    return { ...reply, index: at, meta: true };
  };
  const first = look();
  if (index === 0 || first.index > index) return settle(first);
  const deadline = store.clock.now() + wait + store.chance.random() * (wait / 16);
  for (;;) {
    const over = await change(store, call, touches, deadline);
    const now = look();
    if (over || now.index > index) return settle(now);
  }
}

function blockingOptions({ query }: Call): { index: number; wait: number } {
  const index = query.get("index") ?? "0";
  if (!/^\d+$/.test(index)) throw new HttpError(400, "Invalid index");
  const text = query.get("wait");
  const wait = text === null || text === "" ? MAX_WAIT * MS : parseGoDuration(text);
  if (typeof wait !== "number") throw new HttpError(400, "Invalid wait time");
  return { index: Number(index), wait: Math.min(wait / MS || MAX_WAIT, MAX_WAIT) };
}

interface Waiter {
  touches: (change: Change) => boolean;
  wake: () => void;
}

const waiters = new WeakMap<Store, Set<Waiter>>();

function waitersOf(store: Store): Set<Waiter> {
  let set = waiters.get(store);
  if (!set) {
    const fresh = new Set<Waiter>();
    set = fresh;
    waiters.set(store, set);
    store.listen({
      changed(changes) {
        for (const waiter of [...fresh]) if (changes.some(waiter.touches)) waiter.wake();
      },
    });
  }
  return set;
}

/** Waits for a change; true if the time is over or the client has gone. */
function change(store: Store, call: Call, touches: Waiter["touches"], deadline: number): Promise<boolean> {
  const { clock } = store;
  const set = waitersOf(store);
  return new Promise((resolve) => {
    const done = (over: boolean) => {
      if (!set.delete(waiter)) return;
      timer.cancel();
      call.closed.removeEventListener("abort", gone);
      clock.resume("query");
      resolve(over);
    };
    const gone = () => done(true);
    const waiter: Waiter = { touches, wake: () => done(false) };
    const timer = clock.after(deadline - clock.now(), () => done(true));
    set.add(waiter);
    clock.wait("query");
    if (call.closed.aborted) done(true);
    else call.closed.addEventListener("abort", gone);
  });
}

/** Serves on a free port of the loopback interface. `upgrades`: takes what becomes a websocket, and gives what ends those. */
export async function serve(
  clock: Clock,
  handle: Handle,
  upgrades: (server: Server, log: (entry: RequestLog) => void) => () => void,
): Promise<{ address: string; requests: RequestLog[]; stop(): Promise<void> }> {
  const requests: RequestLog[] = [];
  const log = (entry: RequestLog) => {
    requests.push(entry);
    if (requests.length > KEPT_REQUESTS) requests.shift();
  };
  const server: Server = createServer((request, response) => {
    void answer(clock, handle, request, response, log);
  });
  const endUpgraded = upgrades(server, log);
  // a client that keeps its connection open must not see it closed under a request
  server.keepAliveTimeout = 0;
  await new Promise<void>((ready, fail) => {
    server.once("error", fail);
    server.listen(0, "127.0.0.1", ready);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    requests,
    async stop() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      endUpgraded();
      await closed;
    },
  };
}

async function answer(
  clock: Clock,
  handle: Handle,
  request: IncomingMessage,
  response: ServerResponse,
  log: (entry: RequestLog) => void,
): Promise<void> {
  const method = request.method ?? "GET";
  const url = new URL(request.url ?? "/", "http://nomad");
  const gone = new AbortController();
  let bytes = 0;
  response.on("close", () => gone.abort());
  clock.enter();
  const send = (chunk: Buffer | string) => {
    bytes += Buffer.byteLength(chunk);
    if (!response.destroyed) response.write(chunk);
  };
  try {
    const reply = await handle(callOf(request, await readBody(request), gone.signal));
    head(clock, response, reply);
    if (reply.stream) {
      if (reply.following) clock.wait("stream");
      await reply.stream(send, gone.signal);
      if (reply.following) clock.resume("stream");
    } else if (reply.text !== undefined) send(reply.text);
    else if (reply.json !== undefined)
      send(url.searchParams.has("pretty") ? JSON.stringify(reply.json, null, 4) : JSON.stringify(reply.json));
  } catch (error) {
    if (!response.headersSent) fail(clock, response, error);
    const text = error instanceof HttpError ? error.message : String(error);
    send(text);
  } finally {
    response.end();
    log({ method, path: `${url.pathname}${url.search}`, status: response.statusCode, bytes });
    clock.leave();
  }
}

/** A request as the routes see it. `closed`: aborts when the client has gone. */
export function callOf({ method = "GET", url = "/" }: IncomingMessage, body: string, closed: AbortSignal): Call {
  const { pathname, searchParams: query } = new URL(url, "http://nomad");
  const namespace = query.get("namespace") || "default";
  return { method, path: decodePath(pathname), query, body, namespace, closed };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function head(clock: Clock, response: ServerResponse, reply: Reply): void {
  response.statusCode = reply.status ?? 200;
  response.setHeader("Date", new Date(clock.now()).toUTCString());
  response.setHeader("Vary", "Accept-Encoding");
  const text = reply.text !== undefined ? "text/plain; charset=utf-8" : undefined;
  const type = reply.type ?? text ?? (reply.json !== undefined ? "application/json" : undefined);
  if (type !== undefined) response.setHeader("Content-Type", type);
  if (reply.index !== undefined) response.setHeader("X-Nomad-Index", String(reply.index));
  if (reply.meta) {
    response.setHeader("X-Nomad-KnownLeader", "true");
    response.setHeader("X-Nomad-LastContact", "0");
  }
  if (reply.nextToken !== undefined) response.setHeader("X-Nomad-NextToken", reply.nextToken);
}

function fail(clock: Clock, response: ServerResponse, error: unknown): void {
  const known = error instanceof HttpError ? error : undefined;
  const index = known?.index === undefined ? {} : { index: known.index, meta: true };
  // a 404 of Nomad's router is empty and has no type
  const empty = known?.status === 404 && known.message === "";
  head(clock, response, { status: known?.status ?? 500, ...(empty ? {} : { text: "" }), ...index });
}
