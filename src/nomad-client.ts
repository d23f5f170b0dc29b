import type { NomadError } from "./api/errors/errors.ts";
import type { Connection, Request, ServerClock } from "./api/request/connection.ts";
import { Sender } from "./api/request/sender.ts";
import { whenAborted } from "./deadline.ts";
import { addressed } from "./endpoints/address.ts";
import type { ArgumentsOf, Endpoint, Frames, Given, Query } from "./endpoints/endpoint.ts";

export type { Query } from "./endpoints/endpoint.ts";

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

/** Node 20 keeps a record of each signal made of one that lives on, so nothing is made of this one. */
const never = new AbortController().signal;
/** A read that is no blocking query is given up after this long, in ms, body included. */
const readTimeout = 10_000;
/** A write blocks until it is done on the node (an allocation's restart waits for the kill), so it gets longer, in ms. */
const writeTimeout = 45_000;
const readRetries = 2;

/**
 * The thin client of one Nomad cluster. It knows address, token, namespace, region, timeouts and retries, and nothing of
 * what the objects mean. Reads are retried twice on faults that pass; writes are sent once.
 *
 * Every method throws {@link NomadError}. A client is immutable: {@link in} and {@link within} give another view of the
 * same connection.
 */
export class NomadClient {
  readonly namespace: string;
  readonly #sender: Sender;
  readonly #signal: AbortSignal;
  readonly #clock: ServerClock;

  constructor(connection: Connection, signal = never, clock: ServerClock = { skew: 0 }) {
    this.#sender = new Sender(connection, signal, clock);
    this.namespace = connection.namespace;
    this.#signal = signal;
    this.#clock = clock;
  }

  get #connection(): Connection {
    return this.#sender.connection;
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

  /** Aborts when the server is to end: then nothing is waited for any longer. */
  get hurry(): AbortSignal | undefined {
    return this.#connection.hurry;
  }

  /** True where the operator lets it touch some namespaces only. */
  get isLimited(): boolean {
    return this.#connection.gate !== undefined;
  }

  get region(): string | undefined {
    return this.#connection.region;
  }

  /** The same cluster seen from another namespace. */
  in(namespace: string): NomadClient {
    if (namespace === this.namespace) return this;
    return new NomadClient({ ...this.#connection, namespace, home: this.home }, this.#signal, this.#clock);
  }

  /** The same client for one call: its requests end with it, take turns as those of its tool, and tell it of changes and of what passes. */
  forCall(call: {
    readonly tool: string;
    readonly signal: AbortSignal;
    readonly changed: NonNullable<Connection["changed"]>;
    readonly note: NonNullable<Connection["note"]>;
    readonly noteInTurns: NonNullable<Connection["noteInTurns"]>;
    readonly atEnd: NonNullable<Connection["atEnd"]>;
    readonly hold?: Connection["hold"];
  }): NomadClient {
    const { tool, changed, note, noteInTurns, atEnd, hold } = call;
    const connection = { ...this.#connection, tool, changed, note, noteInTurns, atEnd, hold };
    return new NomadClient(connection, this.#until(call.signal), this.#clock);
  }

  /** The same client, whose requests end when `signal` aborts, too. */
  within(signal: AbortSignal): NomadClient {
    return new NomadClient(this.#connection, this.#until(signal), this.#clock);
  }

  #until(signal: AbortSignal): AbortSignal {
    return this.#signal === never ? signal : AbortSignal.any([this.#signal, signal]);
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

  /**
   * Reads one object, or a list that has no pages. A reply of `null` is none, unless the route says that there may be
   * nothing.
   */
  async get<P extends string, T>(route: Endpoint<P, T, "reads">, ...args: Given<P>): Promise<T> {
    const request = this.#reading(route, args[0]);
    const { value } = await this.#sender.json(request);
    const mayBeNull = typeof route.reply === "object" && "maybe" in route.reply;
    if (value === null && !mayBeNull) throw this.#sender.unreadable(request, "the reply is null");
    return value as T;
  }

  /** Reads one object or list, waiting up to `wait` seconds for a change after `index` (0: answers at once). */
  async watch<P extends string, T>(
    route: Endpoint<P, T, "reads">,
    args: ArgumentsOf<P>,
    index: number,
    wait: number,
  ): Promise<Indexed<T>> {
    const seconds = Math.max(0.1, wait);
    // The server adds up to a sixteenth to the wait (rpc.go, jitter).
    const timeout = index === 0 ? readTimeout : Math.ceil(seconds * 1000 * (17 / 16)) + 3_000;
    const blocking = index === 0 ? {} : { index, wait: `${Math.round(seconds * 1000)}ms` };
    const request = { ...this.#reading(route, { ...args, ...blocking }), timeout };
    const { value, headers } = await (index === 0 ? this.#sender.json(request) : this.#waiting(request));
    return { value: value as T, index: Number(headers.get("x-nomad-index") ?? 0) };
  }

  /** Waits for a change, or until the server is to end: how things are then is what is known. */
  async #waiting(request: Request): ReturnType<Sender["json"]> {
    const ended = new AbortController();
    const forget = whenAborted(this.hurry, () => ended.abort(this.hurry?.reason));
    try {
      return await this.within(ended.signal).#sender.json(request);
    } catch (error) {
      if (!ended.signal.aborted) throw error;
      const { index: _, wait: __, ...query } = request.query ?? {};
      return await this.#sender.json({ ...request, query });
    } finally {
      forget();
    }
  }

  /** Reads one page of a list. A body of `null`, which Go sends for an empty list, is an empty page. */
  async list<P extends string, T>(route: Endpoint<P, T[], "reads">, ...args: Given<P>): Promise<Page<T>> {
    const request = this.#reading(route, args[0]);
    const reply = await this.#sender.json(request);
    return { items: reply.value as T[], next: await this.#sender.token(request, reply) };
  }

  /** Posts a question: a route that changes nothing although it is a POST (parse, plan, search, validate). */
  async ask<P extends string, T>(route: Endpoint<P, T, "asks">, args: ArgumentsOf<P>, body: unknown): Promise<T> {
    return (await this.#sender.json({ ...this.#reading(route, args), body })).value as T;
  }

  /** Reads raw bytes, such as a part of a log: at most `limit` of them. */
  async bytes<P extends string>(
    route: Endpoint<P, "bytes", "reads">,
    args: ArgumentsOf<P>,
    limit: number,
  ): Promise<Buffer> {
    return await this.#sender.bytes(this.#reading(route, args), limit);
  }

  /** Streams raw bytes until the reply ends or, quietly, `seconds` have passed. */
  follow<P extends string>(
    route: Endpoint<P, "bytes", "reads">,
    args: ArgumentsOf<P>,
    seconds: number,
  ): AsyncGenerator<Uint8Array> {
    return this.#sender.stream({ ...this.#reading(route, args), timeout: Math.ceil(seconds * 1000), retries: 0 });
  }

  /** Notes what is secret in a value that came by {@link follow}, as is done with every reply. */
  note(route: Endpoint, value: unknown): void {
    this.#connection.note?.(route, value);
  }

  /** Sends a change, once. @throws Refusal under read-only, and what {@link Connection.hold} throws, before it is sent. */
  async write<P extends string, T>(route: Endpoint<P, T, "acts">, args: ArgumentsOf<P>, body?: unknown): Promise<T> {
    await this.#connection.hold?.();
    this.#connection.changed?.({ namespace: this.namespace });
    const request = { route, ...addressed(route, args), body, timeout: writeTimeout, retries: 0 };
    const { value } = await this.#sender.json(request);
    for (const evaluation of evaluationsIn(value)) this.brought(evaluation);
    return value as T;
  }

  /**
   * Opens a websocket that changes something, once, sends `said` over it, and tells `hear` of each frame until that is enough.
   * Whatever runs at the other end then runs on. False where, quietly, `ms` have passed before that, or the server is to end.
   *
   * @throws as {@link write}.
   */
  async converse<P extends string, T>(
    route: Endpoint<P, Frames<T>, "acts">,
    args: ArgumentsOf<P>,
    { said, hear, ms }: { readonly said: readonly unknown[]; hear(frame: T): boolean; readonly ms: number },
  ): Promise<boolean> {
    await this.#connection.hold?.();
    this.#connection.changed?.({ namespace: this.namespace });
    const request = { route, ...addressed(route, args), timeout: ms, retries: 0 };
    return await this.#sender.converse(request, { said, hear: (frame) => hear(frame as T) });
  }

  /** Tells the call of an evaluation that a change brought; {@link write} does so where the reply names it. */
  brought(evaluation: string): void {
    this.#connection.changed?.({ namespace: this.namespace, evaluation });
  }

  #reading(route: Endpoint, args: Query = {}): Request {
    return { route, ...addressed(route, args), timeout: readTimeout, retries: readRetries };
  }
}

/** The evaluations that the reply to a change names. */
function evaluationsIn(reply: unknown): readonly string[] {
  if (typeof reply !== "object" || reply === null) return [];
  if ("EvalID" in reply && typeof reply.EvalID === "string") return [reply.EvalID];
  return "EvalIDs" in reply && Array.isArray(reply.EvalIDs) ? reply.EvalIDs.map(String) : [];
}
