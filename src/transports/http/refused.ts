import type { Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { Socket } from "node:net";
import { span } from "../../text/time.ts";

/** Lines are told at most so often, ms, since whoever is refused may come again at once. */
const often = 1_000;

/** Tells of the connections that end before a request is there: too many of them, too slow, no HTTP, no TLS. */
export function tellRefused(server: Server | SecureServer, log: (line: string) => void): void {
  const refused = new Map<string, { count: number; from: string }>();
  let timer: NodeJS.Timeout | undefined;

  function refuse(why: string, from: string | undefined): void {
    const { count = 0 } = refused.get(why) ?? {};
    refused.set(why, { count: count + 1, from: from ?? "the socket" });
    timer ??= setTimeout(tell, often).unref();
  }
  function tell(): void {
    timer = undefined;
    for (const [why, { count, from }] of refused) {
      const more = count > 1 ? ` (${count} in ${span(often)}, this one last)` : "";
      log(`refused a connection of ${from}: ${why}${more}`);
    }
    refused.clear();
  }

  const watch = (socket: Socket) => {
    // Once it is destroyed, who it was with is no longer known.
    const from = socket.remoteAddress;
    socket.once("error", (error: NodeJS.ErrnoException) => {
      const why = whyRefused(error.code ?? "");
      if (why !== undefined) refuse(why, from);
    });
  };
  server.on("drop", (data) => refuse(`${server.maxConnections} are open, the most at a time`, data?.remoteAddress));
  server.on("connection", watch);
  server.on("secureConnection", watch);
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: Socket) =>
    refuse(`TLS failed (${error.code ?? "no reason given"})`, socket.remoteAddress),
  );
  server.on("close", () => {
    clearTimeout(timer);
    tell();
  });
}

/** undefined: the client went away. */
function whyRefused(code: string): string | undefined {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "its request was not whole in time (408)";
  if (code === "HPE_HEADER_OVERFLOW") return "the head of its request is too large (431)";
  return code.startsWith("HPE_") ? `what it sent is no request of HTTP (400, ${code})` : undefined;
}
