import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import { connect, type TlsReport, type Transport } from "../../api/connect/connection.ts";
import { codeOf, faultIn, type Peer, rootCause } from "../../api/connect/fault.ts";
import type { Environment } from "../../api/connect/proxy.ts";
import { tokenFile } from "../../api/connect/renewed.ts";
import type { SettingName } from "../../api/connect/settings.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { network } from "../../api/request/exchange.ts";
import { deadline } from "../../deadline.ts";
import { span } from "../../text/time.ts";
import type { ServerAddress } from "./address.ts";
import { isEventStream, isMessage, mediaType, messagesIn, refusalIn } from "./body.ts";
import { type Asked, notMcp, type Refused, ServerFault, statusFault } from "./fault.ts";

/** How a server is reached. */
export interface Reach {
  readonly address: ServerAddress;
  readonly key?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly ca?: string | undefined;
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
  /** What the operator calls these. */
  readonly names: Readonly<Record<"key" | "keyFile" | "ca" | "clientCert" | "clientKey", string>>;
  /** Where the proxies stand. */
  readonly env: Environment;
}

/** A reply of a route that is no MCP. */
export interface Reply extends Refused {
  /** Its body where that is JSON. */
  readonly data: unknown;
}

const peer: Peer = { name: "the server", machine: "the server" };
/** A server from which nothing came for so long is given up, in ms: before a host does so, and says less. */
const silence = 55_000;

/**
 * A nomad-mcp server on the network, as its client sees it. It holds no session: each message is a request of its own, sent
 * once, whatever becomes of it. Key and CA are read again when their files change, and those that are not there yet are looked
 * for with each message.
 */
export class RemoteServer {
  readonly #reach: Reach;
  readonly #patience: number;
  #transport: Transport | undefined;
  #keyOfFile: (() => string) | undefined;
  #revision: string | undefined;

  constructor(reach: Reach, patience = silence) {
    this.#reach = reach;
    this.#patience = patience;
  }

  get url(): string {
    return this.#reach.address.url;
  }

  /** The protocol revision that was agreed on, once it was: each message names it from then on. */
  get revision(): string | undefined {
    return this.#revision;
  }

  /** `revision`: what the server answered to initialize. */
  agreeOn(revision: unknown): void {
    if (typeof revision === "string" && /^[\w.-]{1,40}$/.test(revision)) this.#revision = revision;
  }

  /** What is used to reach it, for people: the proxy, where the key and the CA are from. */
  get means(): string[] {
    const { key, keyFile, names, ca } = this.#reach;
    const proxy = this.#transport?.proxy;
    const file = keyFile === undefined ? "no key" : `key from ${keyFile} (${names.keyFile})`;
    return [
      ...(proxy ? [`through the proxy ${proxy}`] : []),
      key === undefined ? file : `key from ${names.key}`,
      ...(ca ? [`CA ${ca} (${names.ca})`] : []),
    ];
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
      const response = await this.#send(this.url, patience.signal, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json, text/event-stream",
          ...(revision && { "MCP-Protocol-Version": revision }),
        },
        body: JSON.stringify(message),
      });
      if (!response.ok) yield await this.#refusal(response, request);
      else if (request === undefined) await response.body?.cancel();
      else if (isEventStream(response) || mediaType(response) === "application/json") {
        yield* messagesIn(response, patience.restart);
      } else throw await this.#stranger(response);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof ServerFault) throw error;
      throw await this.#lost(error, patience.passed());
    } finally {
      patience.clear();
    }
  }

  /** Asks a route beside MCP, such as `/readyz`. @throws ServerFault where no reply comes. */
  async get(path: string): Promise<Reply> {
    const patience = deadline(new AbortController().signal, 10_000);
    try {
      const response = await this.#send(`${this.#reach.address.root}${path}`, patience.signal, { method: "GET" });
      const { data, said } = await refusalIn(response);
      return { status: response.status, headers: response.headers, data, said: this.masked(said) };
    } catch (error) {
      throw error instanceof ServerFault ? error : await this.#lost(error, patience.passed());
    } finally {
      patience.clear();
    }
  }

  /** What a reply means that is no success. */
  refused(reply: Refused): ServerFault {
    return statusFault(reply, this.#asked());
  }

  /** The certificates of both sides. @throws ServerFault where files of ours cannot be used. */
  async describeTls(): Promise<TlsReport> {
    return await (await this.#open()).describeTls();
  }

  /** Ends its connections, and with them what is under way. */
  async close(): Promise<void> {
    await this.#transport?.close();
  }

  async #send(url: string, signal: AbortSignal, init: RequestInit): Promise<Response> {
    const { fetch } = await this.#open();
    const key = this.#key();
    const headers = { ...init.headers, ...(key !== undefined && { Authorization: `Bearer ${key}` }) };
    return await fetch(url, { ...init, headers, redirect: "manual", signal });
  }

  async #open(): Promise<Transport> {
    const { address, ca, clientCert, clientKey, names, env } = this.#reach;
    const called: Partial<Record<Parameters<SettingName>[0], string>> = {
      caCert: names.ca,
      caPath: names.ca,
      clientCert: names.clientCert,
      clientKey: names.clientKey,
      address: "the address",
      tlsServerName: "the host in the address",
    };
    const settings = { address: address.url, caCert: ca, clientCert, clientKey, skipVerify: false };
    this.#transport ??= await explained(() =>
      connect(settings, { env, peer, every: 0, name: (key) => called[key] ?? key }),
    );
    return this.#transport;
  }

  #key(): string | undefined {
    const { key, keyFile, names } = this.#reach;
    if (key !== undefined || keyFile === undefined) return key;
    try {
      this.#keyOfFile ??= tokenFile(keyFile, names.keyFile, { every: 0 });
      return this.#keyOfFile();
    } catch (error) {
      throw toFault(error);
    }
  }

  #asked(): Asked {
    const { key, keyFile, names } = this.#reach;
    const keyIsFile = key === undefined && keyFile !== undefined;
    return { url: this.url, key: keyIsFile ? `${keyFile} (${names.keyFile})` : key && names.key, keyIsFile };
  }

  /** A refusal that speaks MCP is the answer. @throws ServerFault for any other. */
  async #refusal(response: Response, request: JSONRPCRequest | undefined): Promise<JSONRPCMessage> {
    const { data, said } = await refusalIn(response);
    if (request !== undefined && isMessage(data) && "error" in data && data.id === request.id) return data;
    const { status, headers } = response;
    throw this.refused({ status, headers, said: this.masked(said) });
  }

  async #stranger(response: Response): Promise<ServerFault> {
    const { said } = await refusalIn(response);
    const type = mediaType(response) || "nothing";
    return new ServerFault(`${notMcp(this.url, `(it sends ${type}${said && `: ${this.masked(said)}`})`)}.`);
  }

  /** Why no answer came, or not all of it. */
  async #lost(error: unknown, isLate: boolean): Promise<ServerFault> {
    if (isLate) {
      const message = `The server said nothing for ${span(this.#patience)}: see that it runs and has not too much to do.`;
      return new ServerFault(message, { mayHaveHappened: true, cause: error });
    }
    const [kind, words] = network(error);
    const { origin, protocol, hostname, port } = new URL(this.url);
    const cause = { cause: error };
    if (kind === "tls") return new ServerFault(`TLS to ${origin} failed: ${words}.`, cause);
    if (kind === "unreachable") {
      if (faultIn(error)) return new ServerFault(`${origin} is not reached: ${words}.`, cause);
      const cure =
        "see that the server runs there, that the address is right, and that VPN and firewall let it through";
      return new ServerFault(`Nothing answers at ${origin} (${words}): ${cure}.`, cause);
    }
    if (/^HPE_/.test(codeOf(rootCause(error))))
      return new ServerFault(`${notMcp(this.url, "(it does not speak HTTP)")}.`, cause);
    if (protocol === "http:") {
      const { lookAt } = await import("../../api/connect/look.ts");
      const { server } = await lookAt(`https://${hostname}:${port || 80}`);
      if (server) return new ServerFault(`${origin} speaks HTTPS: the address must begin with https://.`, cause);
    }
    const message = `The connection to ${origin} was lost before the answer was there (${words}).`;
    return new ServerFault(message, { mayHaveHappened: true, ...cause });
  }

  /** A server may say again what it was sent. */
  masked(text: string): string {
    const key = this.#reach.key ?? this.#keyOfFile?.();
    return key ? text.replaceAll(key, "[masked]") : text;
  }
}

async function explained<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw toFault(error);
  }
}

/** What is wrong with our own files. */
function toFault(error: unknown): unknown {
  return error instanceof Refusal ? new ServerFault(error.message, { cause: error }) : error;
}
