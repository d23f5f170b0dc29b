import type { Endpoint, Query } from "../../endpoints/endpoint.ts";
import type { Dial } from "../connect/websocket.ts";
import type { NamedSetting, NomadError, NomadErrorKind } from "../errors/errors.ts";
import type { NamespaceGate } from "./gate.ts";
import type { NomadPath } from "./path.ts";
import type { Queue } from "./queue.ts";
import type { Room } from "./room.ts";

/** A Nomad token of whoever calls, sent in place of the server's own, which is never a substitute for it. */
export interface CallerToken {
  /**
   * The token to send now; signed in for first, where that is how it is got.
   *
   * @throws Refusal or NomadError where there is none; the reason of `signal` where it aborts before that is known.
   */
  current(signal: AbortSignal): Promise<string>;
  /**
   * Told that Nomad refused a request with `token`: another one where that can be had now, undefined where the refusal stands. A
   * token that callers have shown has nothing of the kind.
   *
   * @throws as {@link current}.
   */
  renewed?(token: string, signal: AbortSignal): Promise<string | undefined>;
  /** The id by which Nomad's own audit log names the token that is sent now; undefined where it is not known yet. */
  accessor?(): string | undefined;
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
  /** The token of whoever calls: with it `token` is sent with no request. */
  readonly caller?: CallerToken | undefined;
  readonly namespace: string;
  /** The namespace of a call that names none; `namespace` where it is not said. */
  readonly home?: string;
  readonly region?: string | undefined;
  readonly readOnly: boolean;
  /** The name by which a call has to ask for this cluster; undefined for the one of calls that name none. */
  readonly cluster?: string;
  /** What the operator calls a setting; its variable where it is not said. */
  readonly settingName?: (key: "readOnly" | NamedSetting) => string;
  /** The only namespaces that may be touched, where the operator named some. */
  readonly gate?: NamespaceGate | undefined;
  /** Shared by everything that is sent to this cluster; its own where it is not said. */
  readonly queue?: Queue;
  /** Shared by everything that is sent by this process; its own where it is not said. */
  readonly room?: Room;
  /** Told what is to be done when the call that these requests belong to ends. */
  readonly atEnd?: (work: () => void) => void;
  /** Whose requests these are: who calls, on a server of many, and the tool. */
  readonly principal?: string | undefined;
  readonly tool?: string;
  /** Aborts when the server is to end: what waits for a change is answered with how things are. */
  readonly hurry?: AbortSignal | undefined;
  /** Awaited before a change is sent; throws where it may not be sent any more. */
  readonly hold?: (() => Promise<void>) | undefined;
  /** Told of each change before it is sent, and again with the evaluation that came of it. */
  readonly changed?: (change: { readonly namespace: string; readonly evaluation?: string }) => void;
  /** Aborts when reading has to come to an end: what is asked then fails with `timeout`. */
  readonly limit?: AbortSignal;
  /** Told of each request that was sent and how it ended, also where it is sent again. */
  readonly measured?: ((sent: Sent) => void) | undefined;
  /** Hears of every request that failed, also where the answer does without it. */
  readonly missed?: (error: NomadError) => void;
  /** Is shown what passes, so that what is secret in it is known before anything is said of it. */
  readonly note?: (route: Endpoint, value: unknown) => void;
  /** The same of what may be large: others have their turn meanwhile, and nothing is said of it before it is done. */
  readonly noteInTurns?: (route: Endpoint, value: unknown, signal: AbortSignal) => Promise<void>;
  readonly fetch: typeof fetch;
  /** Opens a websocket; without it nothing can be sent that needs one. */
  readonly dial?: Dial;
}

/** A request that was sent, for those who count. */
export interface Sent {
  readonly outcome: "ok" | NomadErrorKind;
  /** From when it had its place until its reply was read. */
  readonly ms: number;
  /** It stays open until something changes, so that its time says nothing. */
  readonly waits: boolean;
}

/** The difference of the server's clock and ours, in ms, as the last reply had it. */
export interface ServerClock {
  skew: number;
}

/** A request before the operator's gates. `timeout`: ms, the body included. */
export interface Request {
  readonly route: Endpoint;
  readonly path: NomadPath;
  readonly query?: Query | undefined;
  readonly body?: unknown;
  readonly timeout: number;
  readonly retries: number;
}
