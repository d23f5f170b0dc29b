import type { Target } from "./address.ts";
import type { Material } from "./certificates.ts";
import {
  ConnectFault,
  codeOf,
  expired,
  explainTls,
  isDistrust,
  isRefusal,
  type Peer,
  rootCause,
  type TlsFacts,
} from "./fault.ts";
import type { HttpProxy } from "./proxy.ts";
import type { Renewed } from "./renewed.ts";
import type { ConnectSettings, SettingName } from "./settings.ts";

/** What a failed request went over. */
interface Way {
  readonly target: Target;
  readonly proxy: HttpProxy | undefined;
  readonly serverName: string | undefined;
  readonly files: Renewed<Material> | undefined;
  readonly settings: ConnectSettings;
  readonly name: SettingName;
  readonly peer: Peer;
}

/**
 * Gives what explains a failed request: a {@link ConnectFault} where this way has something to say about it, else the
 * error as it is. Where the server's certificate is the matter, it takes a look at it, for 2 s at most.
 */
export function faultTeller(way: Way): (error: unknown, signal?: AbortSignal) => Promise<unknown> {
  const { target, proxy } = way;
  const overTls = target.base.startsWith("https:");
  return async (error, signal) => {
    const words = target.socket ? aboutSocket(error, way, target.socket) : proxy && aboutProxy(error, way, proxy);
    if (words) return new ConnectFault("unreachable", words, error);
    return overTls ? await aboutTls(error, way, signal) : error;
  };
}

function aboutSocket(error: unknown, { name }: Way, socket: string): string | undefined {
  const why: Record<string, string> = {
    ENOENT: `does not exist: does Nomad run, and is ${name("address")} right?`,
    EACCES: "may not be used by the user that this server runs as (permission denied)",
    EPERM: "may not be used by the user that this server runs as (permission denied)",
    ECONNREFUSED: "has nobody listening: the Nomad agent that made it is gone, or it is no socket",
    ENOTSOCK: "is no socket",
    ENOTDIR: "cannot be: a part of its path is no directory",
  };
  const words = why[codeOf(rootCause(error))];
  return words && `the socket ${socket} ${words}`;
}

function aboutProxy(error: unknown, { target, name }: Way, proxy: HttpProxy): string | undefined {
  const cause = rootCause(error);
  const code = codeOf(cause);
  const message = cause instanceof Error ? cause.message : "";
  const { host, hostname } = new URL(target.base);
  const which = `the proxy ${proxy.shown} (${proxy.setting})`;
  const status = /^Proxy response \((\d+)\)/.exec(message)?.[1];
  if (status === "407")
    return `${which} asks for a user and password: put them in its address, http://user:password@...`;
  if (status) {
    return `${which} does not connect to ${host} (status ${status}): see that it may, or name ${hostname} in NO_PROXY. ${name("address")} is reached through it`;
  }
  if (code === "UND_ERR_PRX_TLS") return `TLS to ${which} failed: ${message}`;
  if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/.test(code)) {
    return `${which} cannot be reached: ${message || code}`;
  }
  return undefined;
}

async function aboutTls(error: unknown, way: Way, signal: AbortSignal | undefined): Promise<unknown> {
  const { target, proxy, serverName, files, settings, name, peer } = way;
  const { client, authorities } = files?.current() ?? {};
  const cause = rootCause(error);
  const closed = /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(codeOf(cause));
  const look = async () => {
    if (proxy || !(isDistrust(cause) || (closed && client === undefined))) return {};
    const { lookAt } = await import("./look.ts");
    return await lookAt(target.base, { serverName, path: peer.openPath, signal });
  };
  const { server, error: objection } = await look();
  const file = settings.caCert ? `${settings.caCert} (${name("caCert")})` : `${settings.caPath} (${name("caPath")})`;
  const facts: TlsFacts = {
    peer,
    name,
    host: new URL(target.base).host,
    serverName,
    trusted: authorities && (settings.systemCa ? `${file}, nor by one that Node trusts` : file),
    authorities,
    client,
    server,
    trouble: files?.trouble(),
    now: Date.now(),
  };
  const words = explainTls(cause, facts) ?? (isRefusal(objection) ? explainTls(objection, facts) : undefined);
  if (words) return new ConnectFault("tls", words, error);
  // Most likely the reason, but it is not certain that Nomad did not get the request.
  if (closed && client && client.validTo < facts.now) {
    const said = cause instanceof Error ? cause.message : String(cause);
    return new ConnectFault("connection_lost", `${said}; ${expired(client, facts)}`, error);
  }
  return error;
}
