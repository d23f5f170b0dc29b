import { chmodSync, lstatSync, rmSync } from "node:fs";
import { createServer as createPlain, type RequestListener, type Server } from "node:http";
import { createServer as createSecure, Server as SecureServer } from "node:https";
import { connect } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Refusal } from "../../api/errors/refusal.ts";
import { type Certificate, contextOf } from "./certificate.ts";
import { type Outdated, outdatedOn } from "./peer-certificate.ts";
import { type Place, placeText } from "./place.ts";
import { tellRefused } from "./refused.ts";

/** What is answered, and how. */
export interface Listening {
  readonly place: Place;
  readonly certificate: Certificate | undefined;
  /** True where a proxy is in front of it, which keeps connections for long. */
  readonly behindProxy: boolean;
  fetch: Parameters<typeof getRequestListener>[0];
  log(line: string): void;
}

/** A server that listens. */
export interface Listener {
  /** Where, for people. */
  readonly address: string;
  /** Takes no new connections; the promise is kept once the last one has ended. */
  close(): Promise<void>;
  /** Ends the connections that are left. */
  drop(): void;
}

/** Connections at a time. */
const mostConnections = 500;

/** Begins to listen. @throws Refusal where that place cannot be had. */
export async function listen({ place, certificate, behindProxy, fetch, log }: Listening): Promise<Listener> {
  const respond = getRequestListener(fetch, { overrideGlobalObjects: false });
  let closing = false;
  let outdated: Outdated | undefined;
  const answer: RequestListener = (request, response) => {
    // Kept for another request, a connection would hold up the end for as long as keepAliveTimeout says.
    response.once("close", () => {
      if (closing || outdated?.has(request.socket)) request.socket.end();
    });
    void respond(request, response);
  };
  const options = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 };
  const server: Server | SecureServer = certificate
    ? createSecure({ ...options, ...tlsOf(certificate) }, answer)
    : createPlain(options, answer);
  server.maxConnections = mostConnections;
  tellRefused(server, log);
  // A proxy must never send into a connection that is just being closed.
  server.keepAliveTimeout = behindProxy ? 75_000 : 5_000;
  outdated = outdatedOn(server);
  const told = { log, caChanged: outdated.all };
  const forget = certificate && server instanceof SecureServer ? certificate.serve(server, told) : undefined;
  if ("socket" in place) await freeSocket(place.socket);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject(new Refusal(`${placeText(place)} cannot be listened on: ${error.message}.`)),
    );
    server.listen("socket" in place ? { path: place.socket } : place, resolve);
  });
  if ("socket" in place) chmodSync(place.socket, 0o660);
  const bound = server.address();
  const at = typeof bound === "object" && bound !== null ? { ...place, port: bound.port } : place;
  return {
    address: "socket" in at ? placeText(at) : `${certificate ? "https" : "http"}://${placeText(at)}`,
    async close() {
      forget?.();
      closing = true;
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeIdleConnections();
      await closed;
    },
    drop: () => server.closeAllConnections(),
  };
}

function tlsOf({ current }: Certificate) {
  const mutual = current.ca === undefined ? {} : { requestCert: true, rejectUnauthorized: true };
  return { ...contextOf(current), ...mutual };
}

/** Removes a socket that nobody listens on any more. @throws Refusal where somebody does, or it is something else. */
async function freeSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Refusal(`${path} is there already, and no socket.`);
  const taken = await new Promise<boolean>((resolve) => {
    const trial = connect({ path }, () => {
      trial.destroy();
      resolve(true);
    });
    trial.once("error", () => resolve(false));
  });
  if (taken) throw new Refusal(`unix://${path} is taken: another server listens there.`);
  rmSync(path);
}
