import { connect, type TlsReport, type Transport } from "../../api/connect/connection.ts";
import { codeOf, faultIn, type Peer, rootCause } from "../../api/connect/fault.ts";
import type { Environment } from "../../api/connect/proxy.ts";
import { tokenFile } from "../../api/connect/renewed.ts";
import type { SettingName } from "../../api/connect/settings.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { network } from "../../api/request/exchange.ts";
import type { ServerAddress } from "./address.ts";
import { type Asked, notMcp, ServerFault } from "./fault.ts";

/** How a server is reached. */
export interface Reach {
  readonly address: ServerAddress;
  readonly key?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Key and its file are a Nomad token, for a server that takes such. */
  readonly isNomadToken?: boolean;
  readonly ca?: string | undefined;
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
  /** What the operator calls these. */
  readonly names: Readonly<Record<"key" | "keyFile" | "ca" | "clientCert" | "clientKey", string>>;
  /** Where the proxies stand. */
  readonly env: Environment;
}

const peer: Peer = { name: "the server", machine: "the server", openPath: "/healthz" };

/**
 * The way to a server. Key and certificates are read again when their files change; those that are not there yet are looked for with
 * each request.
 */
export class Way {
  readonly #reach: Reach;
  #transport: Transport | undefined;
  #keyOfFile: (() => string) | undefined;

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  get address(): ServerAddress {
    return this.#reach.address;
  }

  /** What is used to reach it, for people: the proxy, where the key and the CA are from. */
  get means(): string[] {
    const { ca, names, isNomadToken } = this.#reach;
    const proxy = this.#transport?.proxy;
    const { key } = this.asked;
    const what = isNomadToken ? "Nomad token" : "key";
    return [
      ...(proxy ? [`through the proxy ${proxy}`] : []),
      key === undefined ? "no key" : `${what} from ${key}`,
      ...(ca ? [`CA ${ca} (${names.ca})`] : []),
    ];
  }

  /** What sentences about a reply need to know. */
  get asked(): Asked {
    const { address, key, keyFile, names, isNomadToken = false } = this.#reach;
    const keyIsFile = key === undefined && keyFile !== undefined;
    const from = keyIsFile ? `${keyFile} (${names.keyFile})` : key && names.key;
    return { url: address.url, key: from, keyIsFile, isNomadToken };
  }

  /**
   * Sends a request, once, with the key as it is now.
   *
   * @throws ServerFault where files of ours cannot be used; for what the network throws see {@link lost}.
   */
  async send(url: string, init: RequestInit): Promise<Response> {
    const { fetch } = await this.#open();
    const key = this.#key();
    const shown = this.#reach.isNomadToken ? { "X-Nomad-Token": key ?? "" } : { Authorization: `Bearer ${key}` };
    const headers = { ...init.headers, ...(key !== undefined && shown) };
    return await fetch(url, { ...init, headers, redirect: "manual" });
  }

  /** The certificates of both sides. @throws ServerFault where files of ours cannot be used. */
  async describeTls(): Promise<TlsReport> {
    return await (await this.#open()).describeTls();
  }

  /** Ends its connections, and with them what is under way. */
  async close(): Promise<void> {
    await this.#transport?.close();
  }

  /** A text without the key. */
  masked(text: string): string {
    const key = this.#reach.key ?? this.#keyOfFile?.();
    return key ? text.replaceAll(key, "[masked]") : text;
  }

  /** Why no answer came, or not all of it, from what the network threw. */
  async lost(error: unknown): Promise<ServerFault> {
    const { url } = this.#reach.address;
    const { origin, protocol, hostname, port } = new URL(url);
    const [kind, words] = network(error);
    const cause = { cause: error };
    if (kind === "tls") return new ServerFault(`TLS to ${origin} failed: ${words}.`, cause);
    if (kind === "unreachable") {
      if (faultIn(error)) return new ServerFault(`${origin} is not reached: ${words}.`, cause);
      const cure =
        "see that the server runs there, that the address is right, and that VPN and firewall let it through";
      return new ServerFault(`Nothing answers at ${origin} (${words}): ${cure}.`, cause);
    }
    if (/^HPE_/.test(codeOf(rootCause(error)))) {
      const { what, cure } = notMcp(url);
      return new ServerFault(`${what} (it does not speak HTTP): ${cure}.`, cause);
    }
    if (protocol === "http:") {
      const { lookAt } = await import("../../api/connect/look.ts");
      const { server } = await lookAt(`https://${hostname}:${port || 80}`, { path: peer.openPath });
      if (server) return new ServerFault(`${origin} speaks HTTPS: the address must begin with https://.`, cause);
    }
    const message = `The connection to ${origin} was lost before the answer was there (${words}).`;
    return new ServerFault(message, { mayHaveHappened: true, ...cause });
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
    try {
      this.#transport ??= await connect(settings, { env, peer, every: 0, name: (key) => called[key] ?? key });
      return this.#transport;
    } catch (error) {
      throw toFault(error);
    }
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
}

/** What is wrong with our own files. */
function toFault(error: unknown): unknown {
  return error instanceof Refusal ? new ServerFault(error.message, { cause: error }) : error;
}
