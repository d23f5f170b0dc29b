import { isLoopback } from "../../api/connect/loopback.ts";
import { Refusal } from "../../api/errors/refusal.ts";

/** Where a server listens. */
export type Place = { readonly socket: string } | { readonly host: string; readonly port: number };

/** `host:port` or `unix:///path.sock`. `setting`: what the operator calls it. @throws Refusal where it is neither. */
export function readPlace(text: string, setting: string): Place {
  if (text.startsWith("unix://")) return { socket: text.slice("unix://".length) };
  const [, host = "", port = ""] = /^(\[[0-9a-f:.]+\]|[^:/\s]+):(\d{1,5})$/i.exec(text) ?? [];
  if (host !== "" && Number(port) < 65_536) return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
  throw new Refusal(
    `${setting}: ${JSON.stringify(text.slice(0, 80))} is no place to listen, such as 127.0.0.1:8000, 0.0.0.0:8443 or unix:///run/nomad-mcp.sock.`,
  );
}

/** True where nobody on another machine reaches it. */
export function isPrivate(place: Place): boolean {
  return "socket" in place || isLoopback(place.host);
}

/** A place for people: `127.0.0.1:8000`, `unix:///run/nomad-mcp.sock`. */
export function placeText(place: Place): string {
  if ("socket" in place) return `unix://${place.socket}`;
  return `${place.host.includes(":") ? `[${place.host}]` : place.host}:${place.port}`;
}
