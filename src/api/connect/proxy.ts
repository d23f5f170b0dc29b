import { BlockList, isIP } from "node:net";
import { Refusal } from "../errors/refusal.ts";
import { withoutSecrets } from "./address.ts";

/** The proxy through which an address is reached. */
export interface HttpProxy {
  readonly url: URL;
  /** Its address for people, without user and password. */
  readonly shown: string;
  /** The variable that names it. */
  readonly setting: string;
}

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for `base`, chosen as the CLI's Go library does (golang.org/x/net/http/httpproxy), which undici's own
 * choice differs from: HTTPS_PROXY for https, HTTP_PROXY for http, neither in place of the other, upper case first;
 * never for localhost and loopback addresses; NO_PROXY has names (`example.com` with all below it, `.example.com` only
 * below it), addresses, networks (`10.0.0.0/8`), each with a port or without, or `*`.
 *
 * @throws Refusal where the variable holds no address of an HTTP proxy.
 */
export function proxyFor(base: string, env: Environment): HttpProxy | undefined {
  const url = new URL(base);
  const names = url.protocol === "https:" ? ["HTTPS_PROXY", "https_proxy"] : ["HTTP_PROXY", "http_proxy"];
  const setting = names.find((name) => env[name]);
  const value = setting && env[setting]?.trim();
  if (!setting || !value || goesDirectly(url, env.NO_PROXY || env.no_proxy || "")) return undefined;
  if (/^socks/i.test(value)) {
    throw new Refusal(
      `${setting}: ${JSON.stringify(withoutSecrets(value))} is a SOCKS proxy, and this server knows HTTP proxies only, so nothing was sent. Set ${setting} to an HTTP proxy, or name ${url.hostname} in NO_PROXY if it is reached without one; then start this server again.`,
    );
  }
  const proxy = parse(value.includes("://") ? value : `http://${value}`);
  if (proxy === undefined) {
    throw new Refusal(
      `${setting}: ${JSON.stringify(withoutSecrets(value))} is not the address of an HTTP proxy, such as http://proxy.example:3128. Set it right, or name ${url.hostname} in NO_PROXY.`,
    );
  }
  return { url: proxy, shown: proxy.origin, setting };
}

function parse(value: string): URL | undefined {
  if (!URL.canParse(value)) return undefined;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && url.hostname !== "" ? url : undefined;
}

function goesDirectly(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  if (host === "localhost" || inNetwork(host, "127.0.0.0/8") || host === "::1") return true;
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry === "*" || fits(entry, host, port));
}

function fits(entry: string, host: string, port: string): boolean {
  if (entry === "") return false;
  if (entry.includes("/")) return inNetwork(host, entry);
  const [, bracketed, plain, wanted] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  // A bare IPv6 address has colons of its own.
  const name = bracketed ?? plain ?? entry;
  if (name === "" || (wanted !== undefined && wanted !== port)) return false;
  if (isIP(name)) return inNetwork(host, `${name}/${isIP(name) === 4 ? 32 : 128}`);
  const domain = name.replace(/^\*/, "");
  return domain.startsWith(".") ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

/** True where `host` is an address in `network`, such as 10.0.0.0/8. */
function inNetwork(host: string, network: string): boolean {
  const [start = "", bits = ""] = network.split("/");
  const family = isIP(start);
  const length = Number(bits);
  if (family === 0 || isIP(host) !== family || bits === "" || !(length >= 0 && length <= (family === 4 ? 32 : 128))) {
    return false;
  }
  const list = new BlockList();
  const kind = family === 4 ? "ipv4" : "ipv6";
  list.addSubnet(start, length, kind);
  return list.check(host, kind);
}
