import type { X509Certificate } from "node:crypto";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

/** The client certificate of a connection; undefined where it has none that was verified. */
export function clientCertificate(socket: Socket): X509Certificate | undefined {
  return socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate() : undefined;
}

/** The connections whose clients were verified by a CA that is no longer that of clients. */
export interface Outdated {
  has(socket: Socket): boolean;
  /** All that are open now are. Those without a request end at once. */
  all(): void;
}

export function outdatedOn(server: Server): Outdated {
  const open = new Set<Socket>();
  const outdated = new WeakSet<Socket>();
  server.on("secureConnection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return {
    has: (socket) => outdated.has(socket),
    all() {
      for (const socket of open) outdated.add(socket);
      server.closeIdleConnections();
    },
  };
}
