import { Refusal } from "../errors/refusal.ts";

/** Where requests go, taken from an address as an operator writes it. */
export interface Target {
  /** Base of every request's URL, without a trailing slash: `https://nomad.example:4646/prefix`. */
  readonly base: string;
  /** The address for people: without user and password, and the socket where there is one. */
  readonly shown: string;
  /** Path of the unix socket. */
  readonly socket?: string;
  /** `user:password` that the address holds. */
  readonly user?: string;
}

/**
 * Reads `http://`, `https://` and `unix://` addresses. A path in front of the API is kept (the CLI drops it); over a
 * socket the host is 127.0.0.1, as the Go client has it (nomad-api.md §1.1).
 *
 * @throws Refusal with one line that names `setting` and the cure, without the password.
 */
export function readAddress(address: string, setting = "NOMAD_ADDR"): Target {
  const wrong = (cure: string) => new Refusal(`${setting}: ${JSON.stringify(withoutSecrets(address))} ${cure}.`);
  const socket = /^unix:\/\/(.*)$/is.exec(address)?.[1];
  if (socket !== undefined) {
    if (!/^\/./.test(socket)) throw wrong("must name a socket by its whole path, as in unix:///secrets/api.sock");
    // The kernel has room for 107 bytes (103 on macOS), and says nothing clear about more.
    if (Buffer.byteLength(socket) > 107) throw wrong("is too long: the path of a socket has 107 bytes at most");
    return { base: "http://127.0.0.1", shown: `unix://${socket}`, socket };
  }
  if (!/^https?:\/\//i.test(address)) {
    throw wrong("must begin with http://, https:// or unix://, as in http://127.0.0.1:4646");
  }
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw wrong("is not an address, such as http://127.0.0.1:4646");
  }
  if (url.search || url.hash) throw wrong("must end with the host, port or path");
  const user = url.username || url.password ? userOf(url) : undefined;
  if (user === "") throw wrong("holds a user name or password with a broken %-escape");
  const base = `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  return { base, shown: base, ...(user !== undefined && { user }) };
}

/**
 * The `Authorization` header for HTTP basic authentication. The address's own user wins over `httpAuth`, which is
 * `user:password` or `user` (api.go, toHTTP). It does not clash with the ACL token, which has a header of its own.
 */
export function basicAuth(target: Target, httpAuth: string | undefined): string | undefined {
  const user = target.user ?? httpAuth;
  if (!user) return undefined;
  return `Basic ${Buffer.from(user.includes(":") ? user : `${user}:`).toString("base64")}`;
}

function userOf(url: URL): string {
  try {
    return `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  } catch {
    return "";
  }
}

/**
 * An address as it may be shown: without the user, password and query that it may hold, also where it is no valid address.
 */
export function withoutSecrets(address: string): string {
  return address.replace(/^(.*?:\/\/)?.*@/s, "$1[masked]@").replace(/([?#]).+$/s, "$1[masked]");
}
