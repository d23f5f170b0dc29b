import type { buildConnector, Dispatcher } from "undici";
import type { Target } from "./address.ts";
import type { Material } from "./certificates.ts";
import { isBlockedPort, isRefusal } from "./fault.ts";
import type { HttpProxy } from "./proxy.ts";
import type { Renewed } from "./renewed.ts";
import { loadUndici, type Undici } from "./undici.ts";
import type { Dial } from "./websocket.ts";

/** How a cluster is reached, where Node's own fetch does not reach it. */
export interface Route {
  readonly target: Target;
  readonly proxy?: HttpProxy | undefined;
  readonly serverName?: string | undefined;
  readonly skipVerify: boolean;
  readonly files?: Renewed<Material> | undefined;
}

/** A fetch and websockets with connections of their own, and their end. */
export interface Wire {
  readonly fetch: typeof fetch;
  readonly dial: Dial;
  /** Ends all connections; requests in flight fail. */
  close(): Promise<void>;
}

/** A dispatcher and who uses it. */
interface Lease {
  readonly agent: Dispatcher;
  readonly material: Material | undefined;
  users: number;
}

/** A connection is given up after this many ms, well before a read is, so that it is told as what it is. */
const connectTimeout = 5_000;

/**
 * A fetch over connections that are kept alive and belong to one state of the files. When those change, new requests
 * get new connections, and the old ones end with the requests that are under way. undici is loaded by the first one.
 *
 * A request that was refused for its certificates, on either side, was not read by Nomad: where the files turn out to
 * be newer than those that were refused, it is sent again with them, once, a write as well.
 */
export function openWire(route: Route): Wire {
  const { files } = route;
  const open = new Set<Dispatcher>();
  const closing = new AbortController();
  let current: Lease | undefined;

  const retire = (lease: Lease) => {
    if (lease === current || lease.users > 0) return;
    // Waits for the replies that are still being read.
    void lease.agent.close().then(
      () => open.delete(lease.agent),
      () => {},
    );
  };

  async function lease(): Promise<Lease> {
    const undici = await loadUndici();
    const material = files?.current();
    if (current === undefined || current.material !== material) {
      const old = current;
      current = { agent: makeAgent(undici, route, material), material, users: 0 };
      open.add(current.agent);
      if (old) retire(old);
    }
    current.users++;
    return current;
  }

  async function send(input: string, init: RequestInit | undefined): Promise<unknown> {
    const undici = await loadUndici();
    for (let again = false; ; again = true) {
      const used = await lease();
      try {
        // undici's own types and the ones that Node declares for the same classes do not unify.
        return await undici.fetch(input, { ...(init as object), dispatcher: used.agent });
      } catch (error) {
        if (isBlockedPort(error)) return await plainly(undici, input, init, used.agent);
        if (again || !isRefusal(error) || init?.signal?.aborted) throw error;
        files?.renew();
        if (files?.current() === used.material) throw error;
      } finally {
        used.users--;
        retire(used);
      }
    }
  }

  /** Each websocket has an agent of its own, which has nothing to do with it any more once it stands. */
  const dial: Dial = async (url, { headers, signal }) => {
    const { openChannel } = await import("./websocket.ts");
    const undici = await loadUndici();
    const either = AbortSignal.any([signal, closing.signal]);
    for (let again = false; ; again = true) {
      const material = files?.current();
      const agent = makeAgent(undici, route, material, true);
      try {
        return await openChannel(undici, agent, url, { headers, signal: either });
      } catch (error) {
        if (again || !isRefusal(error) || either.aborted) throw error;
        files?.renew();
        if (files?.current() === material) throw error;
      } finally {
        await agent.destroy();
      }
    }
  };

  const wired: unknown = send;
  return {
    fetch: wired as typeof fetch,
    dial,
    async close() {
      closing.abort(new Error("the connections to this cluster are closed"));
      await Promise.all([...open].map((agent) => agent.destroy()));
    },
  };
}

/** The same by undici's own request, which has no list of ports to which nothing may be sent. */
async function plainly(undici: Undici, url: string, init: RequestInit | undefined, dispatcher: Dispatcher) {
  const { statusCode, headers, body } = await undici.request(url, {
    method: (init?.method ?? "GET") as Dispatcher.HttpMethod,
    headers: Object.fromEntries(new Headers(init?.headers)),
    body: typeof init?.body === "string" ? init.body : null,
    ...(init?.signal && { signal: init.signal }),
    dispatcher,
  });
  const several = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((each) => [name, each]));
  const bare = statusCode === 204 || statusCode === 304;
  return new undici.Response(bare ? null : body, { status: statusCode, headers: several as [string, string][] });
}

/**
 * An agent for one state of the files. Through a proxy it goes by a tunnel over TLS, and where a tunnel is asked for, as a
 * websocket does (RFC 6455, 4.1); else as proxies take plain requests, many of which tunnel to port 443 only.
 */
function makeAgent(
  undici: Undici,
  { target, proxy, serverName, skipVerify }: Route,
  material: Material | undefined,
  tunnel = target.base.startsWith("https:"),
): Dispatcher {
  const { Agent, Pool, ProxyAgent, buildConnector } = undici;
  const tls = {
    ...(material && { secureContext: material.context }),
    ...(serverName && { servername: serverName }),
    rejectUnauthorized: !skipVerify,
    timeout: connectTimeout,
  };
  if (target.socket) return new Agent({ connect: { socketPath: target.socket, timeout: connectTimeout } });
  if (proxy === undefined) return new Agent({ connect: heedingAlerts(buildConnector(tls)) });
  const { username, password, origin } = proxy.url;
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return new ProxyAgent({
    uri: origin,
    ...(username && { token: `Basic ${Buffer.from(user).toString("base64")}` }),
    proxyTunnel: tunnel,
    requestTls: tls,
    proxyTls: { timeout: connectTimeout },
    factory: (to, options) => {
      const connect: unknown = Reflect.get(options, "connect");
      return new Pool(to, { ...options, ...(isConnector(connect) && { connect: heedingAlerts(connect) }) });
    },
  });
}

function isConnector(value: unknown): value is buildConnector.connector {
  return typeof value === "function";
}

/**
 * Over TLS 1.3 a server refuses a client certificate when the connection stands already, with an alert and the end of
 * the connection. undici tells of the latter only; ended by us with the alert, it tells of that.
 */
function heedingAlerts(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    connect(options, (...[error, socket]) => {
      if (error) return callback(error, null);
      socket.once("error", (alert) => {
        if (isRefusal(alert)) socket.destroy(alert);
      });
      callback(null, socket);
    });
  };
}
