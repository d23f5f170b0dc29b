import { sortReply } from "./api/error-table.ts";
import { type FailedRequest, NomadError, type NomadErrorKind, Refusal } from "./api/errors.ts";
import { collect, empty, network, passes, pause, start } from "./api/exchange.ts";
import type { NamespaceGate } from "./api/namespaces.ts";
import type { NomadPath } from "./api/path.ts";
import { createQueue, type Queue } from "./api/queue.ts";
import { shapedReply } from "./api/reply-shapes.ts";
import { acts, asksOnly } from "./api/routes.ts";
import { Misshapen } from "./api/shape.ts";
import { type Deadline, deadline } from "./deadline.ts";

/** Query parameters; undefined ones are left out, those of a list are repeated. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** One page of a list, with the token of the next one where there is more. */
export interface Page<T> {
  readonly items: T[];
  readonly next: string | undefined;
}

/** An object and the index from which a blocking query waits for its next change. */
export interface Indexed<T> {
  readonly value: T;
  readonly index: number;
}

/** What a client of one cluster is made of. */
export interface Connection {
  /** Base of every request's URL without a trailing slash, such as `http://127.0.0.1:4646`. */
  readonly base: string;
  /** The address for people, without what is secret in it; `base` where it is not said. */
  readonly address?: string;
  /** Headers that every request carries beside the token. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The ACL token as it is now, which may be renewed while the session lasts. */
  readonly token?: () => string | undefined;
  readonly namespace: string;
  /** The namespace of a call that names none; `namespace` where it is not said. */
  readonly home?: string;
  readonly region?: string | undefined;
  readonly readOnly: boolean;
  /** The name by which a call has to ask for this cluster; undefined for the one of calls that name none. */
  readonly cluster?: string;
  /** What the operator calls a setting; its variable where it is not said. */
  readonly called?: (key: "readOnly") => string;
  /** The only namespaces that may be touched, where the operator named some. */
  readonly gate?: NamespaceGate | undefined;
  /** Shared by everything that is sent to this cluster; its own where it is not said. */
  readonly queue?: Queue;
  /** Whose requests these are: the tool. */
  readonly caller?: string;
  /** Told of each change before it is sent, and again with the evaluation that came of it. */
  readonly changed?: (change: { readonly namespace: string; readonly evaluation?: string }) => void;
  /** Aborts when reading has to come to an end: what is asked then fails with `timeout`. */
  readonly limit?: AbortSignal;
  /** Hears of every request that failed, also where the answer does without it. */
  readonly missed?: (error: NomadError) => void;
  /** Is shown what passes, so that what is secret in it is known before anything is said of it. */
  readonly note?: (path: string, value: unknown) => void;
  readonly fetch: typeof fetch;
}

/** Node 20 keeps a record of each signal made of one that lives on, so nothing is made of this one. */
const never = new AbortController().signal;
/** The largest reply that is read into memory, decoded. */
const largestReply = 32 * 1024 * 1024;
/** So much is read of a reply that is no success, in bytes: Nomad's are short, and the page of a proxy says no more. */
const largestRefusal = 64 * 1024;
/** A read that is no blocking query is given up after this long, in ms, body included. */
const readTimeout = 10_000;
/** A write blocks until it is done on the node (an allocation's restart waits for the kill), so it gets longer, in ms. */
const writeTimeout = 45_000;
const readRetries = 2;

interface Request {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Query | undefined;
  readonly body?: unknown;
  readonly timeout: number;
  readonly retries: number;
}

/** A reply that succeeded: its headers and its body, unread. */
interface Reply {
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * The thin client of one Nomad cluster. It knows address, token, namespace, region, timeouts and retries, and nothing of
 * what the objects mean. Reads are retried twice on faults that pass; writes are sent once.
 *
 * Every method throws {@link NomadError}. A client is immutable: {@link in} and {@link within} give another view of the
 * same connection.
 */
export class NomadClient {
  readonly namespace: string;
  readonly #connection: Connection & { readonly queue: Queue };
  readonly #signal: AbortSignal;
  readonly #clock: { skew: number };

  constructor(connection: Connection, signal = never, clock = { skew: 0 }) {
    this.#connection = { ...connection, queue: connection.queue ?? createQueue() };
    this.namespace = connection.namespace;
    this.#signal = signal;
    this.#clock = clock;
  }

  get address(): string {
    return this.#connection.address ?? this.#connection.base;
  }

  /** The namespace that a call is about where it names none: answers need not name this one. */
  get home(): string {
    return this.#connection.home ?? this.#connection.namespace;
  }

  /** The name by which a call has to ask for this cluster; undefined for the one of calls that name none. */
  get cluster(): string | undefined {
    return this.#connection.cluster;
  }

  get region(): string | undefined {
    return this.#connection.region;
  }

  /** The same cluster seen from another namespace. */
  in(namespace: string): NomadClient {
    if (namespace === this.namespace) return this;
    return new NomadClient({ ...this.#connection, namespace, home: this.home }, this.#signal, this.#clock);
  }

  /** The same client for one call: its requests end with it, take turns as those of its tool, and tell it of changes. */
  forCall(call: {
    readonly tool: string;
    readonly signal: AbortSignal;
    readonly changed: NonNullable<Connection["changed"]>;
  }): NomadClient {
    const connection = { ...this.#connection, caller: call.tool, changed: call.changed };
    return new NomadClient(connection, this.#signal, this.#clock).within(call.signal);
  }

  /** The same client, whose requests end when `signal` aborts, too. */
  within(signal: AbortSignal): NomadClient {
    const both = this.#signal === never ? signal : AbortSignal.any([this.#signal, signal]);
    return new NomadClient(this.#connection, both, this.#clock);
  }

  /**
   * The same client for an answer that has to come in time and says what it does without: requests fail with `timeout`
   * once `ms` have passed, and `missed` hears of each that failed.
   */
  bounded(ms: number, missed: (error: NomadError) => void): NomadClient {
    const limit = AbortSignal.timeout(ms);
    const connection = { ...this.#connection, limit, missed };
    return new NomadClient(connection, this.#signal, this.#clock).within(limit);
  }

  /** The server's clock in ms since the epoch, from the `Date` header of its last reply; ours until there was one. */
  now(): number {
    return Date.now() + this.#clock.skew;
  }

  /** Reads one object, or a list that has no pages. A reply of `null` is none: what may be missing is read by `list`. */
  async get<T extends object>(path: NomadPath, query?: Query): Promise<T> {
    const request: Request = { method: "GET", path, query, timeout: readTimeout, retries: readRetries };
    const { value } = await this.#json<T | null>(request);
    if (value === null) throw this.#error("unreadable", request, "the reply is null");
    return value;
  }

  /** Reads one object or list, waiting up to `wait` seconds for a change after `index` (0: answers at once). */
  async watch<T>(path: NomadPath, index: number, wait: number, query?: Query): Promise<Indexed<T>> {
    const seconds = Math.max(0.1, wait);
    // The server adds up to a sixteenth to the wait (rpc.go, jitter).
    const timeout = index === 0 ? readTimeout : Math.ceil(seconds * 1000 * (17 / 16)) + 3_000;
    const blocking = index === 0 ? {} : { index, wait: `${Math.round(seconds * 1000)}ms` };
    const { value, headers } = await this.#json<T>({
      method: "GET",
      path,
      query: { ...query, ...blocking },
      timeout,
      retries: readRetries,
    });
    return { value, index: Number(headers.get("x-nomad-index") ?? 0) };
  }

  /** Reads one page of a list. A body of `null`, which Go sends for an empty list, is an empty page. */
  async list<T>(path: NomadPath, query?: Query): Promise<Page<T>> {
    const request: Request = { method: "GET", path, query, timeout: readTimeout, retries: readRetries };
    const { value, headers } = await this.#json<T[] | null>(request);
    if (value !== null && !Array.isArray(value)) throw this.#error("unreadable", request, "the reply is no list");
    return { items: value ?? [], next: headers.get("x-nomad-nexttoken") || undefined };
  }

  /** Posts a question: a route that changes nothing although it is a POST (parse, plan, search, validate). */
  async ask<T>(path: NomadPath, body: unknown, query?: Query): Promise<T> {
    if (!asksOnly(path)) throw new Error(`${path} is not a route that only asks`);
    return (await this.#json<T>({ method: "POST", path, query, body, timeout: readTimeout, retries: readRetries }))
      .value;
  }

  /** Reads raw bytes, such as a part of a log: at most `limit` of them. */
  async bytes(path: NomadPath, query: Query, limit: number): Promise<Buffer> {
    const request: Request = { method: "GET", path, query, timeout: readTimeout, retries: readRetries };
    return await this.#send(request, (reply) => collect(this.#failed(request), reply.body, limit));
  }

  /** Streams raw bytes until the reply ends or, quietly, `seconds` have passed. */
  async *follow(path: NomadPath, query: Query, seconds: number): AsyncGenerator<Uint8Array> {
    const ms = Math.ceil(seconds * 1000);
    const request = await this.#allowed({ method: "GET", path, query, timeout: ms + 1_000, retries: 0 });
    const leave = await this.#enter(request, true);
    const patience = deadline(this.#signal, ms);
    try {
      const reply = await this.#fetch(request, patience.signal);
      yield* reply.body;
    } catch (error) {
      if (!patience.passed()) throw error instanceof NomadError ? error : this.#failure(request, error, patience);
    } finally {
      patience.clear();
      leave();
    }
  }

  /** Notes what is secret in a value that came by {@link follow}, as is done with every reply. */
  note(path: NomadPath, value: unknown): void {
    this.#connection.note?.(path, value);
  }

  /** Sends a change, once. @throws Refusal under read-only, before anything is sent. */
  async write<T>(method: "POST" | "PUT" | "DELETE", path: NomadPath, body?: unknown, query?: Query): Promise<T> {
    this.#connection.changed?.({ namespace: this.namespace });
    const { value } = await this.#json<T>({ method, path, query, body, timeout: writeTimeout, retries: 0 });
    if (typeof value === "object" && value !== null && "EvalID" in value) {
      this.#connection.changed?.({ namespace: this.namespace, evaluation: String(value.EvalID) });
    }
    return value;
  }

  async #json<T>(request: Request): Promise<{ value: T; headers: Headers }> {
    return await this.#send(request, async (reply) => {
      const text = (await collect(this.#failed(request), reply.body, largestReply)).toString("utf8");
      const headers = reply.headers;
      // Some writes succeed with an empty body (reference 0.10).
      if (text === "" && request.method !== "GET") return { value: this.#shaped(request, null) as T, headers };
      let value: unknown;
      try {
        value = JSON.parse(text);
        if (value !== null && typeof value !== "object") throw new TypeError("neither an object nor a list");
      } catch (cause) {
        const page = sortReply(200, text, headers.get("content-type") ?? "") === "not_nomad";
        throw this.#error(
          page ? "not_nomad" : "unreadable",
          request,
          page ? text : "the reply is not JSON",
          undefined,
          cause,
        );
      }
      const { gate, note } = this.#connection;
      note?.(request.path, value);
      const open = gate === undefined ? value : gate.leave(request.path, value);
      return { value: this.#shaped(request, open) as T, headers };
    });
  }

  /** A reply that what reads it may rely on. @throws NomadError `unreadable` where it is something else. */
  #shaped(request: Request, value: unknown): unknown {
    try {
      return shapedReply(request.method, request.path, value);
    } catch (error) {
      if (!(error instanceof Misshapen)) throw error;
      throw this.#error("unreadable", request, `in the reply ${error.message}`, undefined, error);
    }
  }

  /** Sends, reads the whole reply by `read`, and sends again what may be sent again. */
  async #send<T>(asked: Request, read: (reply: Reply) => Promise<T>): Promise<T> {
    const request = await this.#allowed(asked);
    for (let attempt = 0; ; attempt++) {
      const leave = await this.#enter(request, request.query?.index !== undefined);
      const patience = deadline(this.#signal, request.timeout);
      try {
        return await read(await this.#fetch(request, patience.signal));
      } catch (error) {
        if (error instanceof Refusal) throw error;
        const failure = error instanceof NomadError ? error : this.#failure(request, error, patience);
        if (attempt >= request.retries || !passes(failure) || this.#signal.aborted) {
          this.#connection.missed?.(failure);
          throw failure;
        }
      } finally {
        patience.clear();
        leave();
      }
      await pause(this.#signal, 150 * 2 ** attempt * (0.5 + Math.random()));
    }
  }

  /** The request as it may be sent. @throws Refusal where the operator's gates are in its way. */
  async #allowed(request: Request): Promise<Request> {
    const { method, path, body } = request;
    if (this.#connection.readOnly && acts(method, path)) {
      const setting = this.#connection.called?.("readOnly") ?? "NOMAD_MCP_READ_ONLY";
      const what = this.#connection.cluster === undefined ? "This server" : `Cluster ${this.#connection.cluster}`;
      throw new Refusal(`${what} is read-only (${setting}): nothing was sent to Nomad.`);
    }
    if (method === "GET" && acts(method, path)) throw new Error(`${path} acts, whatever its method: it is no read`);
    const query = { namespace: this.namespace, ...request.query };
    const { gate } = this.#connection;
    if (gate === undefined) return { ...request, query };
    const lookUp = async (at: NomadPath, slim: Query) =>
      (await this.list<{ ID: string; Namespace: string }>(at, slim)).items;
    return { ...request, query: await gate.enter({ method, path, query, body }, lookUp) };
  }

  /** Waits for a place among the requests to this cluster; gives what frees it. */
  async #enter(request: Request, waits: boolean): Promise<() => void> {
    try {
      return await this.#connection.queue.enter(this.#connection.caller ?? "", waits, this.#signal);
    } catch (cause) {
      const unsent = { ...this.#failed(request), sent: false };
      const late = this.#connection.limit?.aborted === true;
      const words = late ? "its turn did not come in time" : "cancelled before it was sent";
      const failure = new NomadError(late ? "timeout" : "cancelled", unsent, words, undefined, cause);
      this.#connection.missed?.(failure);
      throw failure;
    }
  }

  async #fetch(request: Request, signal: AbortSignal): Promise<Reply> {
    signal.throwIfAborted();
    if (request.body !== undefined) this.#connection.note?.(request.path, request.body);
    const { base, headers, region } = this.#connection;
    const token = this.#connection.token?.();
    const { createFetch } = await import("ofetch");
    const response = await createFetch({ fetch: this.#connection.fetch, defaults: {} }).raw<Uint8Array, "stream">(
      request.path,
      {
        baseURL: base,
        method: request.method,
        query: { region, ...request.query },
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        headers: {
          ...headers,
          ...(token && { "X-Nomad-Token": token }),
          ...(request.body !== undefined && { "Content-Type": "application/json" }),
        },
        responseType: "stream",
        ignoreResponseError: true,
        redirect: "manual",
        retry: 0,
        signal,
      },
    );
    const date = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(date)) this.#keepTime(date);
    const body: AsyncIterable<Uint8Array> = response._data ?? empty();
    const reply = { headers: response.headers, body };
    if (response.status >= 200 && response.status < 300) return reply;
    const text = (await start(body, largestRefusal)).toString("utf8").trim();
    if (response.status >= 300 && response.status < 400) {
      throw this.#error("redirected", request, response.headers.get("location") ?? "", response.status);
    }
    this.#connection.note?.(request.path, text);
    const kind = sortReply(response.status, text, response.headers.get("content-type") ?? "");
    throw this.#error(kind, request, text, response.status);
  }

  /** The header has whole seconds: a difference below two of them is no difference. */
  #keepTime(date: number): void {
    const skew = date - Date.now();
    this.#clock.skew = Math.abs(skew) < 2_000 ? 0 : skew;
  }

  #failure(request: Request, error: unknown, patience: Deadline): NomadError {
    if (this.#connection.limit?.aborted) return this.#error("timeout", request, "no answer in time", undefined, error);
    if (this.#signal.aborted) return this.#error("cancelled", request, "cancelled", undefined, error);
    if (patience.passed()) {
      return this.#error("timeout", request, `no answer within ${request.timeout / 1000} s`, undefined, error);
    }
    const [kind, words] = network(error);
    return this.#error(kind, request, words, undefined, error);
  }

  #error(kind: NomadErrorKind, request: Request, reply: string, status?: number, cause?: unknown): NomadError {
    return new NomadError(kind, this.#failed(request), reply, status, cause);
  }

  /** A request as an error tells of it. */
  #failed({ method, path, query }: Request): FailedRequest {
    const token = this.#connection.token?.() !== undefined;
    const namespace = String(query?.namespace ?? this.namespace);
    return { address: this.address, method, path, namespace, token };
  }
}
