import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import { type Deadline, deadline } from "../../deadline.ts";
import { isObject } from "../../mcp/fault.ts";
import { span } from "../../text/time.ts";
import { version } from "../../version.ts";
import { headerNames, headersOf } from "../modern-headers.ts";
import { isEventStream, isMessage, mediaType, messagesIn, refusalIn } from "./body.ts";
import { notMcp, type Refused, ServerFault, statusFault } from "./fault.ts";
import type { Way } from "./way.ts";

/** A reply of a route that is no MCP. */
export interface Reply extends Refused {
  /** Its body where that is JSON. */
  readonly data: unknown;
}

/** A server from which nothing came for so long is given up, in ms: before a host does so, and says less. */
const silence = 55_000;

/**
 * A nomad-mcp server on the network, as its client sees it. It holds no session: each message is a request of its own, sent
 * once, whatever becomes of it.
 */
export class RemoteServer {
  readonly #way: Way;
  readonly #agent: string;
  readonly #patience: number;
  #host = "";
  #revision: string | undefined;

  /** `agent`: what the server knows this program by. */
  constructor(way: Way, agent: string, patience = silence) {
    this.#way = way;
    this.#agent = `${agent}/${version}`;
    this.#patience = patience;
  }

  /** The protocol revision that was agreed on, once it was: each message names it from then on. */
  get revision(): string | undefined {
    return this.#revision;
  }

  /** `revision`: what the server answered to initialize. */
  agreeOn(revision: unknown): void {
    if (typeof revision === "string" && /^[\w.-]{1,40}$/.test(revision)) this.#revision = revision;
  }

  /** `clientInfo`: what a host says of itself, for the server's log. */
  speakFor(clientInfo: unknown): void {
    const { name, version: its = "" } = isObject(clientInfo) ? clientInfo : {};
    const word = (value: unknown) =>
      String(value)
        .replaceAll(/[^\w.-]+/g, "-")
        .slice(0, 64);
    this.#host = name === undefined ? "" : `${word(name)}/${word(its)} `;
  }

  /**
   * Sends a message and gives what comes back, until the server has no more to say.
   *
   * @throws ServerFault where no answer of MCP comes; the reason of `signal` where that ended it.
   */
  async *exchange(message: JSONRPCMessage, signal: AbortSignal): AsyncGenerator<JSONRPCMessage> {
    const patience = deadline(signal, this.#patience);
    const request = "method" in message && "id" in message ? message : undefined;
    // The revision is what initialize asks for.
    const revision = request?.method === "initialize" ? undefined : this.#revision;
    try {
      const response = await this.#way.send(this.#way.address.url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json, text/event-stream",
          "User-Agent": `${this.#host}${this.#agent}`,
          ...(revision && { [headerNames.revision]: revision }),
          ...(request && headersOf(request)),
        },
        body: JSON.stringify(message),
        signal: patience.signal,
      });
      if (!response.ok) yield await this.#refusal(response, request);
      else if (request === undefined) await response.body?.cancel();
      else if (isEventStream(response) || mediaType(response) === "application/json") {
        yield* messagesIn(response, patience.restart);
      } else throw await this.#stranger(response);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw await this.#whyLost(error, patience, this.#patience);
    } finally {
      patience.clear();
    }
  }

  /** Asks a route beside MCP, such as `/readyz`. @throws ServerFault where no reply comes. */
  async get(path: string): Promise<Reply> {
    const ms = Math.min(this.#patience, 10_000);
    const patience = deadline(new AbortController().signal, ms);
    const headers = { "User-Agent": this.#agent };
    try {
      const url = `${this.#way.address.root}${path}`;
      const response = await this.#way.send(url, { method: "GET", headers, signal: patience.signal });
      return { status: response.status, headers: response.headers, ...(await this.#said(response)) };
    } catch (error) {
      throw await this.#whyLost(error, patience, ms);
    } finally {
      patience.clear();
    }
  }

  /** What a reply means that is no success. */
  refused(reply: Refused): ServerFault {
    return statusFault(reply, this.#way.asked);
  }

  /** A refusal that speaks MCP is the answer. @throws ServerFault for any other. */
  async #refusal(response: Response, request: JSONRPCRequest | undefined): Promise<JSONRPCMessage> {
    const { data, ...words } = await this.#said(response);
    if (request !== undefined && isMessage(data) && "error" in data && data.id === request.id) return data;
    throw this.refused({ status: response.status, headers: response.headers, ...words });
  }

  async #stranger(response: Response): Promise<ServerFault> {
    const { said } = await this.#said(response);
    const { what, cure } = notMcp(this.#way.address.url);
    return new ServerFault(`${what} (it sends ${mediaType(response) || "nothing"}${said && `: ${said}`}): ${cure}.`);
  }

  /** What a reply says, without the key, which a server may say again. */
  async #said(response: Response) {
    const { said, ...others } = await refusalIn(response);
    return { ...others, said: this.#way.masked(said) };
  }

  async #whyLost(error: unknown, patience: Deadline, ms: number): Promise<ServerFault> {
    if (error instanceof ServerFault) return error;
    if (!patience.passed()) return await this.#way.lost(error);
    const message = `The server said nothing for ${span(ms)}: see that it runs and has not too much to do.`;
    return new ServerFault(message, { mayHaveHappened: true, cause: error });
  }
}
