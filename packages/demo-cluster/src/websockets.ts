import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "./clock.ts";
import { HttpError } from "./errors.ts";
import { type Call, callOf, type RequestLog } from "./http.ts";

/** The demo's side of a websocket. */
export interface Line {
  /** Sends a frame; resolves when it is out. */
  say(frame: object): Promise<void>;
  /** Ends it as Nomad does when a command has ended: without a close frame. */
  hangUp(): void;
}

/** What answers over a websocket. Throws an {@link HttpError} where it refuses; else gives what hears each frame. */
export type Converse = (call: Call, line: Line) => (frame: Record<string, unknown>) => void;

/** Takes upgrades to websockets on a server. Gives what ends them all. */
export function takeUpgrades(
  server: Server,
  clock: Clock,
  converse: Converse,
  log: (entry: RequestLog) => void,
): () => void {
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.handleUpgrade(request, socket, head, (connected) => begin(clock, converse, request, connected, log));
  });
  return () => {
    for (const each of sockets.clients) each.terminate();
  };
}

function begin(
  clock: Clock,
  converse: Converse,
  request: IncomingMessage,
  socket: WebSocket,
  log: (entry: RequestLog) => void,
): void {
  const gone = new AbortController();
  socket.on("close", () => gone.abort());
  socket.on("error", () => socket.terminate());
  clock.enter();
  try {
    const call = callOf(request, "", gone.signal);
    log({ method: call.method, path: request.url ?? "", status: 101, bytes: 0 });
    const hear = converse(call, {
      say: (frame) =>
        new Promise((resolve) => {
          if (gone.signal.aborted) resolve();
          else socket.send(JSON.stringify(frame), () => resolve());
        }),
      hangUp: () => socket.terminate(),
    });
    socket.on("message", (data) => hear(JSON.parse(String(data))));
  } catch (error) {
    // What is a 500 elsewhere is an internal error here, and any other failure a violation of policy, as in Nomad.
    const status = error instanceof HttpError ? error.status : 500;
    socket.close(status === 500 ? 1011 : 1008, error instanceof Error ? error.message : String(error));
  } finally {
    clock.leave();
  }
}
