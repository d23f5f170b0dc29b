import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { isLoopback } from "../../api/connect/loopback.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import type { NetworkSettings } from "../../settings/types.ts";
import type { Place } from "./place.ts";
import type { ProblemKind } from "./problem.ts";

/** What of a request is looked at before anything else, as it came over the wire. */
export interface Arrival {
  readonly rawHeaders: readonly string[];
  /** Path and query. */
  readonly url: string;
  /** Whom the connection is with; undefined on a unix socket. */
  readonly peer: string | undefined;
}

/** Why a request is turned away. */
export interface TurnedAway {
  readonly kind: ProblemKind;
  readonly detail: string;
  /** What the operator can do about it, for the log alone. */
  readonly hint?: string;
}

/** Who is let in, whoever they are. */
export interface Door {
  /** The names by which the server may be called, without ports. */
  readonly hosts: ReadonlySet<string>;
  /** The web pages whose scripts may call it. */
  readonly origins: ReadonlySet<string>;
  /** The proxies in front of it; anybody may be where it is not said. */
  readonly proxies: BlockList | undefined;
}

/** Ranges of addresses. `setting`: what the operator calls them. @throws Refusal where one is none. */
function rangesOf(ranges: readonly string[], setting: string): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const kind = isIP(address) === 6 ? "ipv6" : "ipv4";
    try {
      if (bits === undefined) list.addAddress(address, kind);
      else list.addSubnet(address, Number(bits), kind);
    } catch {
      throw new Refusal(
        `${setting}: ${JSON.stringify(range.slice(0, 80))} is no address or range, such as 10.0.0.0/8.`,
      );
    }
  }
  return list;
}

/** Headers that say who calls, and what for: the parser takes the first of two, a proxy may have looked at the other. */
const once = /^(host|origin|authorization|content-type|x-nomad-token|mcp-.*)$/;
/** What in an address would be written into the logs of every proxy. */
const secretWords = /^((access|id|refresh)_?token|token|api_?key|key|authorization|x-nomad-token)$/i;

/** Why a request is turned away before it is looked at any further; undefined where it may come in. */
export function turnedAway({ rawHeaders, url, peer }: Arrival, door: Door): TurnedAway | undefined {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const doubled = names.find((name, index) => once.test(name) && names.indexOf(name) !== index);
  if (doubled !== undefined) return { kind: "arguments", detail: `The header ${doubled.slice(0, 40)} came twice.` };
  const held = (name: string) => rawHeaders[names.indexOf(name) * 2 + 1];
  if (door.proxies !== undefined && peer !== undefined && !isLoopback(peer) && !isIn(door.proxies, peer)) {
    return { kind: "forbidden", detail: "This server is reached through its proxy alone." };
  }
  const host = names.includes("host") ? hostName(held("host") ?? "") : undefined;
  if (host === undefined || !door.hosts.has(host)) {
    return {
      kind: "forbidden",
      detail: "This server does not go by the name in the Host header.",
      hint: "NOMAD_MCP_PUBLIC_URL and NOMAD_MCP_ALLOWED_HOSTS name it",
    };
  }
  const origin = names.includes("origin") ? held("origin") : undefined;
  if (origin !== undefined && !door.origins.has(origin)) {
    return {
      kind: "forbidden",
      detail: "Scripts of that web page (the Origin header) may not call this server.",
      hint: "NOMAD_MCP_ALLOWED_ORIGINS names pages",
    };
  }
  const query = url.indexOf("?");
  const params = query < 0 ? [] : [...new URLSearchParams(url.slice(query)).keys()];
  if (params.some((name) => secretWords.test(name))) {
    return {
      kind: "arguments",
      detail:
        "A key or token has no place in the address, which every proxy writes down: send it in the header Authorization, and have this one replaced.",
    };
  }
  return undefined;
}

function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** The name in a Host header, without its port. */
function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, "");
}

/** The door of a server that goes by the name of its public URL, those that are listed, and those of its own machine. */
export function doorOf(
  { publicUrl, allowedHosts = [], allowedOrigins = [], behindProxy, settingName }: NetworkSettings,
  place: Place,
): Door {
  const own =
    "socket" in place || isAnywhere(place.host) ? [] : [place.host.includes(":") ? `[${place.host}]` : place.host];
  const named = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
  const hosts = ["localhost", "127.0.0.1", "[::1]", ...own, ...named, ...allowedHosts];
  return {
    hosts: new Set(hosts.map((host) => host.toLowerCase())),
    origins: new Set(allowedOrigins),
    proxies: behindProxy && rangesOf(behindProxy, settingName("behindProxy")),
  };
}

function isAnywhere(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** Where a request came from: what the nearest proxy that is known says, else whom the connection is with. */
export function peerThrough(proxies: Door["proxies"]): (incoming: IncomingMessage) => string | undefined {
  return ({ socket, headers }) => {
    const peer = socket.remoteAddress;
    if (proxies === undefined || (peer !== undefined && !isLoopback(peer) && !isIn(proxies, peer))) return peer;
    const hops = String(headers["x-forwarded-for"] ?? "").split(",");
    // Each proxy adds whom it spoke with: what stands before the first unknown one may be anybody's words.
    const told = hops.map((hop) => hop.trim()).filter((hop) => isIP(hop) !== 0);
    return told.findLast((hop) => !isIn(proxies, hop)) ?? peer;
  };
}
