import { Refusal } from "../errors/refusal.ts";
import { basicAuth, readAddress, type Target } from "./address.ts";
import { openWire, type Route, type Wire } from "./agent.ts";
import type { Certificate, Material } from "./certificates.ts";
import { environmentNames, isBlockedPort, nomadPeer, type Peer } from "./fault.ts";
import { type Environment, proxyFor } from "./proxy.ts";
import { type Renewed, renewed, type Watching } from "./renewed.ts";
import type { ConnectSettings, SettingName } from "./settings.ts";
import { faultTeller } from "./tell.ts";
import type { Dial } from "./websocket.ts";

export interface ConnectOptions extends Watching {
  /** Where the proxies stand, and NODE_EXTRA_CA_CERTS. */
  readonly env?: Environment;
  /** What the settings are called in what the operator reads. */
  readonly name?: SettingName;
  /** Who is reached, as errors call it; Nomad where it is not said. */
  readonly peer?: Peer;
}

/** A way to one cluster, or to a nomad-mcp server. */
export interface Transport {
  /** Base of every request's URL, without a trailing slash. */
  readonly base: string;
  /** The address for people: `unix:///path.sock` too, without user and password. */
  readonly address: string;
  /** The proxy that requests go through, for people. */
  readonly proxy: string | undefined;
  /** Headers that every request carries beside the token. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sends a request. Where that fails, the error has a {@link ConnectFault} among its causes that says why. */
  readonly fetch: typeof fetch;
  /** Opens a websocket, over the same certificates, proxy and socket. Where that fails, as {@link fetch}. */
  readonly dial: Dial;
  /** The certificates in use, and a look at the server's; for people who check their settings. */
  describeTls(): Promise<TlsReport>;
  /** Ends idle and busy connections. */
  close(): Promise<void>;
}

/** The certificates of both sides. */
export interface TlsReport {
  /** The one that the server shows, trusted or not; undefined over plain HTTP or a proxy, or where nothing answers. */
  readonly server?: Certificate;
  /** The certificates above it that the server shows with it. */
  readonly chain: readonly Certificate[];
  readonly client?: Certificate;
  /** The CAs that the settings name. */
  readonly authorities: readonly Certificate[];
  /** Why files that changed since they were read cannot be used. */
  readonly trouble?: string;
}

/**
 * Makes the way to a cluster from its settings: Node's own fetch where that will do, else one over undici with client
 * certificates, CAs, a unix socket or a proxy. The files are read now, and again when they change. Nothing is sent.
 *
 * @throws Refusal with one line that names the setting, and the file where there is one.
 */
export async function connect(settings: ConnectSettings, options: ConnectOptions = {}): Promise<Transport> {
  const { env = process.env, name = environmentNames, peer = nomadPeer } = options;
  const { tlsServerName: serverName, skipVerify } = settings;
  const target = targetOf(settings, name);
  const proxy = target.socket ? undefined : proxyFor(target.base, env);
  const files = await watchFiles(settings, name, env, options);
  const overTls = target.base.startsWith("https:");
  const special = target.socket || proxy || (overTls && (files || serverName || skipVerify));
  const route = { target, proxy, serverName, skipVerify, files };
  const wire = special ? openWire(route) : nodesWire(route);
  const tell = faultTeller({ target, proxy, serverName, files, settings, name, peer });
  const authorization = basicAuth(target, settings.httpAuth);
  const told = async <T>(sent: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    try {
      return await sent;
    } catch (error) {
      throw await tell(error, signal);
    }
  };
  return {
    base: target.base,
    address: target.shown,
    proxy: proxy && `${proxy.shown} (${proxy.setting})`,
    headers: authorization ? { Authorization: authorization } : {},
    fetch: (input, init) => told(wire.fetch(input, init), init?.signal ?? undefined),
    dial: (url, dialling) => told(wire.dial(url, dialling), dialling.signal),
    describeTls: () => report(target, proxy === undefined, serverName, files, peer),
    close: wire.close,
  };
}

/** Where requests go. @throws Refusal for settings that no time heals, as a file does that is not there yet. */
export function targetOf(settings: ConnectSettings, name: SettingName = environmentNames): Target {
  const { clientCert, clientKey } = settings;
  if (Boolean(clientCert) !== Boolean(clientKey)) {
    throw new Refusal(`${name("clientCert")} and ${name("clientKey")} belong together: set both or none.`);
  }
  return readAddress(settings.address, name("address"));
}

/** Node's own fetch, and connections of our own for websockets and for a port that it refuses. */
function nodesWire(route: Route): Wire {
  const own = openWire(route);
  let isBlocked = false;
  return {
    async fetch(input, init) {
      try {
        // Looked up at each call: what replaces the global one, as tests do, is meant.
        return await (isBlocked ? own.fetch : fetch)(input, init);
      } catch (error) {
        if (isBlocked || !isBlockedPort(error)) throw error;
        isBlocked = true;
        return await own.fetch(input, init);
      }
    },
    dial: own.dial,
    close: own.close,
  };
}

async function watchFiles(
  settings: ConnectSettings,
  name: SettingName,
  env: Environment,
  watching: Watching,
): Promise<Renewed<Material> | undefined> {
  const { caCert, caPath, clientCert } = settings;
  if (!caCert && !caPath && !clientCert) return undefined;
  const { certificateFiles, readMaterial } = await import("./certificates.ts");
  return renewed(
    () => certificateFiles(settings, name),
    () => readMaterial(settings, name, env.NODE_EXTRA_CA_CERTS),
    watching,
  );
}

async function report(
  target: Target,
  direct: boolean,
  serverName: string | undefined,
  files: Renewed<Material> | undefined,
  peer: Peer,
): Promise<TlsReport> {
  files?.renew();
  const { client, authorities = [] } = files?.current() ?? {};
  const trouble = files?.trouble();
  const { lookAt } = await import("./look.ts");
  const { server, chain = [] } =
    direct && target.base.startsWith("https:") ? await lookAt(target.base, { serverName, path: peer.openPath }) : {};
  return { ...(server && { server }), chain, ...(client && { client }), authorities, ...(trouble && { trouble }) };
}
