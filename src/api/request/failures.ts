import { type Deadline, isTimeout } from "../../deadline.ts";
import { showing } from "../../endpoints/address.ts";
import { seal, unseal } from "../../text/sealed.ts";
import type { RefusedUpgrade } from "../connect/websocket.ts";
import { type FailedRequest, NomadError, type NomadErrorKind } from "../errors/errors.ts";
import { sortReply } from "../errors/table.ts";
import type { Connection, Request } from "./connection.ts";
import { network } from "./exchange.ts";

/** Tells what became of the requests of a connection, or of one call of it, that failed. */
export class Failures {
  readonly #connection: Connection;
  readonly #signal: AbortSignal;

  /** `signal`: ends the requests. */
  constructor(connection: Connection, signal: AbortSignal) {
    this.#connection = connection;
    this.#signal = signal;
  }

  /** What was thrown while a request was sent and its reply read, as the error that the caller gets. */
  thrown(request: Request, error: unknown, patience: Deadline): NomadError {
    if (error instanceof NomadError) return error;
    if (this.#connection.limit?.aborted) return this.error("timeout", request, "no answer in time", undefined, error);
    // A call's time is over before its host gives it up: nobody cancelled it.
    if (isTimeout(this.#signal.reason)) {
      return this.error("timeout", request, "the time of the call was over", undefined, error);
    }
    if (this.#signal.aborted) return this.error("cancelled", request, "cancelled", undefined, error);
    if (patience.passed()) {
      return this.error("timeout", request, `no answer within ${request.timeout / 1000} s`, undefined, error);
    }
    // What walks a reply ran out of stack.
    if (error instanceof RangeError) {
      return this.error("unreadable", request, "the reply is nested too deep", undefined, error);
    }
    const [kind, words] = network(error);
    return this.error(kind, request, words, undefined, error);
  }

  /** A request whose turn to be sent did not come; `cause`: what ended the waiting. */
  unsent(request: Request, cause: unknown): NomadError {
    const late = this.#connection.limit?.aborted === true || isTimeout(this.#signal.reason);
    const words = late ? "its turn did not come in time" : "cancelled before it was sent";
    const unsent = { ...this.request(request), sent: false };
    return new NomadError(late ? "timeout" : "cancelled", unsent, words, undefined, cause);
  }

  /** A reply that is no success; where a websocket was wanted, any that is none. */
  refused(request: Request, { status, headers, text }: RefusedUpgrade): NomadError {
    if (status < 300) return this.error("not_nomad", request, text, status);
    if (status < 400) return this.error("redirected", request, headers.get("location") ?? "", status);
    this.#connection.note?.(request.route, text);
    return this.error(sortReply(status, text, headers.get("content-type") ?? ""), request, text, status);
  }

  /** `reply`: what Nomad said, or what is wrong with it. */
  error(kind: NomadErrorKind, request: Request, reply: string, status?: number, cause?: unknown): NomadError {
    return new NomadError(kind, this.request(request), seal(reply), status, cause);
  }

  /** A request as an error tells of it. */
  request({ route, path, query }: Request): FailedRequest {
    const { caller, token: own } = this.#connection;
    const token = caller !== undefined || own?.() !== undefined;
    const namespace = seal(unseal(String(query?.namespace ?? this.#connection.namespace)));
    const { settingName, base, address = base } = this.#connection;
    const { method, does, needs, since } = route;
    const known = { acts: does === "acts", needs, since, shown: showing(route, path, namespace) };
    return {
      address,
      method,
      path,
      ...known,
      namespace,
      token,
      ...(caller && { ofCaller: caller.renewed === undefined ? "shown" : "login" }),
      ...(settingName && { settingName }),
    };
  }
}
