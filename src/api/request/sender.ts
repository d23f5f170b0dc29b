import { type Deadline, deadline } from "../../deadline.ts";
import { addressed } from "../../endpoints/address.ts";
import { type Endpoint, type Query, readReply } from "../../endpoints/endpoint.ts";
import { Misshapen } from "../../endpoints/shaped.ts";
import { sealValue } from "../../text/sealed.ts";
import type { NomadError } from "../errors/errors.ts";
import { Refusal } from "../errors/refusal.ts";
import { sortReply } from "../errors/table.ts";
import { allowed } from "./allowed.ts";
import type { Connection, Request, Sent, ServerClock } from "./connection.ts";
import { type Talk, talk } from "./conversation.ts";
import { addressOf, collect, empty, exchange, keepTime, measuring, passes, pause, start, tokenIn } from "./exchange.ts";
import { Failures } from "./failures.ts";
import { type Pass, passFor } from "./pass.ts";
import { createQueue, type Queue } from "./queue.ts";
import { createRoom, type Room } from "./room.ts";
import { breathe, countRows, readWhole } from "./whole-reply.ts";

/** So many objects of other namespaces are gone past where Nomad does not filter them; a request each. */
const mostLookedThrough = 100;
/** So much is read of a reply that is no success, in bytes: Nomad's are short, and the page of a proxy says no more. */
const largestRefusal = 64 * 1024;
/** A reply that succeeded: its headers and its body, unread. */
type Reply = { readonly headers: Headers; readonly body: AsyncIterable<Uint8Array> };

/**
 * Sends the requests of one connection, each through the gates and the queue, and reads their replies. Every method throws
 * {@link NomadError}, and Refusal where the operator's settings are in the way.
 */
export class Sender {
  readonly connection: Connection & { readonly queue: Queue; readonly room: Room };
  readonly #signal: AbortSignal;
  readonly #clock: ServerClock;
  readonly #failures: Failures;

  constructor(connection: Connection, signal: AbortSignal, clock: ServerClock) {
    const { queue = createQueue(), room = createRoom() } = connection;
    this.connection = { ...connection, queue, room };
    this.#signal = signal;
    this.#clock = clock;
    this.#failures = new Failures(connection, signal);
  }

  /** Sends, and reads the whole reply as JSON in the shape that its route has. */
  async json(request: Request): Promise<{ value: unknown; headers: Headers }> {
    return await this.#send(request, async (reply, patience) => {
      const { signal } = patience;
      const page = request.query?.per_page;
      const text = await readWhole(this.#failures.request(request), reply, { ...this.connection, patience, page });
      const headers = reply.headers;
      // Some writes succeed with an empty body (nomad-api.md §0.10).
      if (text === "" && request.route.method !== "GET") return { value: this.#shaped(request, null), headers };
      let value: unknown;
      try {
        value = JSON.parse(text);
        if (value !== null && typeof value !== "object") throw new TypeError("neither an object nor a list");
      } catch (cause) {
        const page = sortReply(200, text, headers.get("content-type") ?? "") === "not_nomad";
        throw this.#failures.error(
          page ? "not_nomad" : "unreadable",
          request,
          page ? text : "the reply is not JSON",
          undefined,
          cause,
        );
      }
      countRows(this.#failures.request(request), value, page);
      const { gate, noteInTurns } = this.connection;
      await breathe(text, signal);
      await noteInTurns?.(request.route, value, signal);
      await breathe(text, signal);
      const open = gate === undefined ? value : gate.leave(request.route, request.path, value);
      const fitted = this.#shaped(request, open);
      await breathe(text, signal);
      return { value: sealValue(fitted, text), headers };
    });
  }

  /**
   * The token of the page after a reply's. Nomad's own names an object; where the gate keeps a list of several namespaces
   * to some, there is a token only if something follows that may be seen, and it names that.
   */
  async token(request: Request, { headers }: { readonly headers: Headers }): Promise<string | undefined> {
    let next = tokenIn(headers);
    const { gate } = this.connection;
    if (gate === undefined || !gate.mixes(request.route, { namespace: this.connection.namespace, ...request.query })) {
      return next;
    }
    for (let looked = 0; next !== undefined; looked++) {
      if (looked === mostLookedThrough) throw this.unreadable(request, "too much in other namespaces lies between");
      const one = { ...request, query: { ...request.query, per_page: 1, next_token: next } };
      const reply = await this.json(one);
      const [row] = reply.value as readonly unknown[];
      if (row !== undefined) return gate.tokenOf(request.route, one.query, row) ?? next;
      next = tokenIn(reply.headers);
    }
    return undefined;
  }

  /** A reply that what reads it may rely on. @throws NomadError `unreadable` where it is something else. */
  #shaped(request: Request, value: unknown): unknown {
    try {
      return readReply(request.route, value);
    } catch (error) {
      if (!(error instanceof Misshapen)) throw error;
      throw this.#failures.error("unreadable", request, `in the reply ${error.message}`, undefined, error);
    }
  }

  /** Streams the reply until it ends or, quietly, the request's time is over. */
  async *stream(asked: Request): AsyncGenerator<Uint8Array> {
    const request = await this.#allowed(asked);
    const pass = await this.#pass(request);
    const leave = await this.#enter(request, true);
    const patience = deadline(this.#signal, request.timeout);
    const ended = measuring(this.connection, true);
    let outcome: Sent["outcome"] = "ok";
    try {
      const reply = await this.#fetch(request, pass, patience.signal);
      yield* reply.body;
    } catch (error) {
      if (patience.passed()) return;
      if (error instanceof Refusal) throw error;
      const failure = this.#failures.thrown(request, error, patience);
      outcome = failure.kind;
      throw failure;
    } finally {
      ended(outcome);
      patience.clear();
      leave();
    }
  }

  /** Reads the raw bytes of a reply, at most `limit` of them. */
  async bytes(request: Request, limit: number): Promise<Buffer> {
    return await this.#send(request, (reply) => collect(this.#failures.request(request), reply.body, limit));
  }

  /**
   * Opens a websocket and talks over it. False where, quietly, the request's time was over before enough was heard, or the
   * server is to end.
   */
  async converse(asked: Request, said: Talk): Promise<boolean> {
    const request = await this.#allowed(asked);
    const pass = await this.#pass(request);
    const leave = await this.#enter(request, true);
    const patience = deadline(this.#signal, request.timeout);
    const ended = measuring(this.connection, true);
    try {
      const { dial, hurry } = this.connection;
      if (dial === undefined) throw new TypeError("this connection opens no websockets");
      const enough = await pass.send(patience.signal, async (token) => {
        const { url, headers } = addressOf(this.connection, request, token);
        const answered = await dial(url, { headers, signal: patience.signal });
        if ("status" in answered) throw this.#failures.refused(request, answered);
        return await talk(answered, { ...said, request, failures: this.#failures, patience, hurry });
      });
      ended("ok");
      return enough;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      const failure = this.#failures.thrown(request, error, patience);
      ended(failure.kind);
      throw failure;
    } finally {
      patience.clear();
      leave();
    }
  }

  /** A reply that is none of what was asked for. */
  unreadable(request: Request, words: string): NomadError {
    return this.#failures.error("unreadable", request, words);
  }

  /** Sends, reads the whole reply by `read`, and sends again what may be sent again. */
  async #send<T>(asked: Request, read: (reply: Reply, patience: Deadline) => Promise<T>): Promise<T> {
    const request = await this.#allowed(asked);
    // Before it has a place: those who wait for a token keep nobody else from theirs.
    const pass = await this.#pass(request);
    for (let attempt = 0; ; attempt++) {
      const waits = request.query?.index !== undefined;
      const leave = await this.#enter(request, waits);
      const patience = deadline(this.#signal, request.timeout);
      const ended = measuring(this.connection, waits);
      try {
        const value = await read(await this.#fetch(request, pass, patience.signal), patience);
        ended("ok");
        return value;
      } catch (error) {
        if (error instanceof Refusal) throw error;
        const failure = this.#failures.thrown(request, error, patience);
        ended(failure.kind);
        if (attempt >= request.retries || !passes(failure) || this.#signal.aborted) {
          this.connection.missed?.(failure);
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
    return await allowed(this.connection, request, async (list: Endpoint, slim: Query) => {
      const asked: Request = { ...request, ...addressed(list, slim), route: list, body: undefined };
      return (await this.json(asked)).value as { ID: string; Namespace: string }[];
    });
  }

  async #pass(request: Request): Promise<Pass> {
    return await passFor(this.connection, this.#signal, (cause) => this.#failures.unsent(request, cause));
  }

  /** Waits for a place among the requests to this cluster; gives what frees it. */
  async #enter(request: Request, waits: boolean): Promise<() => void> {
    try {
      const { queue, principal, tool } = this.connection;
      return await queue.enter({ principal, tool }, waits, this.#signal);
    } catch (cause) {
      const failure = this.#failures.unsent(request, cause);
      this.connection.missed?.(failure);
      throw failure;
    }
  }

  async #fetch(request: Request, pass: Pass, signal: AbortSignal): Promise<Reply> {
    signal.throwIfAborted();
    if (request.body !== undefined) await this.connection.noteInTurns?.(request.route, request.body, signal);
    return await pass.send(signal, (token) => this.#fetchWith(token, request, signal));
  }

  async #fetchWith(token: string | undefined, request: Request, signal: AbortSignal): Promise<Reply> {
    const response = await exchange(this.connection, request, token, signal);
    keepTime(this.#clock, response.headers);
    const body: AsyncIterable<Uint8Array> = response._data ?? empty();
    if (response.status >= 200 && response.status < 300) return { headers: response.headers, body };
    const text = (await start(body, largestRefusal)).toString("utf8").trim();
    throw this.#failures.refused(request, { status: response.status, headers: response.headers, text });
  }
}
