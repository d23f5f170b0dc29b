import { on } from "node:events";
import type { Duplex } from "node:stream";
import type { Dispatcher } from "undici";
import type { Undici } from "./undici.ts";

/** A websocket that stands. */
export interface Channel {
  send(text: string): void;
  /** The messages that come, and how it ended. */
  messages(): AsyncGenerator<string, ChannelEnd>;
  /** Cuts the connection, without asking the other side: Nomad answers a close frame only when what it runs has ended. */
  cut(): void;
}

/** How a websocket ended: the code and the words of its close frame; 1006 where the connection ended without one. */
export interface ChannelEnd {
  readonly code: number;
  readonly reason: string;
}

/** What answered in place of a websocket. */
export interface RefusedUpgrade {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** How a websocket is opened. */
export interface Dialling {
  readonly headers: Readonly<Record<string, string>>;
  /** Cuts it, whether it stands already or not. */
  readonly signal: AbortSignal;
}

/** Opens a websocket at an http(s) URL. Where that fails, the error says why as that of a fetch does. */
export type Dial = (url: string, dialling: Dialling) => Promise<Channel | RefusedUpgrade>;

/** So much is taken over one websocket, in bytes as they come. */
const mostTaken = 16 * 1024 * 1024;
/** So much is read of what answers in place of a websocket, in bytes. */
const longestRefusal = 64 * 1024;

/**
 * Opens a websocket over `agent`, so that its certificates, proxy and socket hold for it. Undici's WebSocket tells of a refusal
 * only that it is one: what was answered is read on its way there.
 */
export async function openChannel(
  undici: Undici,
  agent: Dispatcher,
  url: string,
  { headers, signal }: Dialling,
): Promise<Channel | RefusedUpgrade> {
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    let raw: Duplex | undefined;
    let taken = 0;
    let end: ChannelEnd = { code: 1006, reason: "" };
    const cut = () => {
      if (raw) raw.destroy();
      else void agent.destroy();
    };

    const watching = (handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler => {
      const refusal: Buffer[] = [];
      let refused: Omit<RefusedUpgrade, "text"> | undefined;
      return {
        onRequestStart: (...given) => handler.onRequestStart?.(...given),
        onRequestUpgrade(controller, status, received, socket) {
          raw = socket;
          handler.onRequestUpgrade?.(controller, status, received, socket);
        },
        onResponseStart(_, status, received) {
          const pairs = Object.entries(received).flatMap(([name, value]) =>
            [value ?? []].flat().map((each): [string, string] => [name, each]),
          );
          refused = { status, headers: new Headers(pairs) };
        },
        onResponseData(_, chunk) {
          if (taken < longestRefusal) refusal.push(chunk);
          taken += chunk.byteLength;
        },
        onResponseEnd() {
          const text = Buffer.concat(refusal).subarray(0, longestRefusal).toString("utf8").trim();
          if (refused) resolve({ ...refused, text });
          cut();
        },
        onResponseError(controller, error) {
          reject(error);
          handler.onResponseError?.(controller, error);
        },
      };
    };

    // A websocket, as a fetch, refuses the ports of other protocols, and it is for the operator to say which port is Nomad's.
    const { origin } = new URL(url);
    const portless = new URL(url);
    portless.port = "";
    const dispatcher = agent.compose(
      (dispatch) => (options, handler) => dispatch({ ...options, origin }, watching(handler)),
    );
    const socket = new undici.WebSocket(portless, { headers: { ...headers }, dispatcher });
    // Listens from now on: what comes with the answer would be missed later.
    const incoming = on(socket, "message", { close: ["close"] });
    const stop = () => {
      reject(signal.reason);
      cut();
    };
    signal.addEventListener("abort", stop, { once: true });
    socket.addEventListener("error", () => reject(new Error("what answers there is no websocket")));
    socket.addEventListener("close", ({ code, reason }) => {
      end = taken > mostTaken ? { code: 1009, reason: `more than ${mostTaken} bytes` } : { code, reason };
      signal.removeEventListener("abort", stop);
    });
    socket.addEventListener("open", () => {
      // Not before: whoever listens first has what comes flow.
      raw?.on("data", (chunk: Buffer) => {
        taken += chunk.byteLength;
        if (taken > mostTaken) cut();
      });
      resolve({
        send: (text) => socket.send(text),
        async *messages() {
          for await (const [message] of incoming) yield String(message.data);
          return end;
        },
        cut,
      });
    });
  });
}
