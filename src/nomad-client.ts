import { asksOnly, type FailedRequest, NomadError, type NomadErrorKind, Refusal, sortReply } from "./api/errors.ts";
import { collect, empty, network, passes, pause } from "./api/exchange.ts";
import type { NomadPath } from "./api/path.ts";

/** Query parameters; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

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
  /** Is shown what passes, so that what is secret in it is known before anything is said of it. */
  readonly note?: (path: string, value: unknown) => void;
  readonly fetch: typeof fetch;
}

/** The largest reply that is read into memory, decoded. */
const largestReply = 32 * 1024 * 1024;
/** A read that is no blocking query is given up after this long, in ms, body included. */
const readTimeout = 10_000;
/** A write blocks until it is done on the node (an allocation's restart waits for the kill), so it gets longer, in ms. */
const writeTimeout = 45_000;
const readRetries = 2;

/** GET routes that act all the same (reference 0.9), and so are no reads. */
const actingRoutes = /^\/v1\/client\/(gc|allocation\/.+\/(gc|restart))$/;

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
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  readonly #clock: { skew: number };

  constructor(connection: Connection, signal = new AbortController().signal, clock = { skew: 0 }) {
    this.#connection = connection;
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

  get region(): string | undefined {
    return this.#connection.region;
  }

  /** The same cluster seen from another namespace. */
  in(namespace: string): NomadClient {
    if (namespace === this.namespace) return this;
    return new NomadClient({ ...this.#connection, namespace, home: this.home }, this.#signal, this.#clock);
  }

  /** The same client, whose requests end when `signal` aborts, too. */
  within(signal: AbortSignal): NomadClient {
    return new NomadClient(this.#connection, AbortSignal.any([this.#signal, signal]), this.#clock);
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
    const patience = AbortSignal.timeout(Math.ceil(seconds * 1000));
    const request: Request = { method: "GET", path, query, timeout: Math.ceil(seconds * 1000) + 1_000, retries: 0 };
    try {
      const reply = await this.#fetch(request, AbortSignal.any([patience, this.#signal]));
      yield* reply.body;
    } catch (error) {
      if (!patience.aborted) throw error instanceof NomadError ? error : this.#failure(request, error, patience);
    }
  }

  /** Sends a change, once. @throws Refusal under read-only, before anything is sent. */
  async write<T>(method: "POST" | "PUT" | "DELETE", path: NomadPath, body?: unknown, query?: Query): Promise<T> {
    if (this.#connection.readOnly) {
      throw new Refusal("This server is read-only (NOMAD_MCP_READ_ONLY): nothing was sent to Nomad.");
    }
    return (await this.#json<T>({ method, path, query, body, timeout: writeTimeout, retries: 0 })).value;
  }

  async #json<T>(request: Request): Promise<{ value: T; headers: Headers }> {
    return await this.#send(request, async (reply) => {
      const text = (await collect(this.#failed(request), reply.body, largestReply)).toString("utf8");
      const headers = reply.headers;
      // Some writes succeed with an empty body (reference 0.10).
      if (text === "" && request.method !== "GET") return { value: null as T, headers };
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
      this.#connection.note?.(request.path, value);
      return { value: value as T, headers };
    });
  }

  /** Sends, reads the whole reply by `read`, and sends again what may be sent again. */
  async #send<T>(request: Request, read: (reply: Reply) => Promise<T>): Promise<T> {
    if (request.method === "GET" && actingRoutes.test(request.path)) {
      throw new Error(`${request.path} acts, whatever its method: it is no read`);
    }
    for (let attempt = 0; ; attempt++) {
      const patience = AbortSignal.timeout(request.timeout);
      try {
        return await read(await this.#fetch(request, AbortSignal.any([patience, this.#signal])));
      } catch (error) {
        const failure = error instanceof NomadError ? error : this.#failure(request, error, patience);
        if (attempt >= request.retries || !passes(failure) || this.#signal.aborted) throw failure;
        await pause(this.#signal, 150 * 2 ** attempt * (0.5 + Math.random()));
      }
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
        query: { region, namespace: this.namespace, ...request.query },
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
    const text = (await collect(this.#failed(request), body, 64 * 1024)).toString("utf8").trim();
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

  #failure(request: Request, error: unknown, patience: AbortSignal): NomadError {
    if (this.#signal.aborted) return this.#error("cancelled", request, "cancelled", undefined, error);
    if (patience.aborted) {
      return this.#error("timeout", request, `no answer within ${request.timeout / 1000} s`, undefined, error);
    }
    const [kind, words] = network(error);
    return this.#error(kind, request, words, undefined, error);
  }

  #error(kind: NomadErrorKind, request: Request, reply: string, status?: number, cause?: unknown): NomadError {
    return new NomadError(kind, this.#failed(request), reply, status, cause);
  }

  /** A request as an error tells of it. */
  #failed({ method, path }: Request): FailedRequest {
    const token = this.#connection.token?.() !== undefined;
    return { address: this.address, method, path, namespace: this.namespace, token };
  }
}
