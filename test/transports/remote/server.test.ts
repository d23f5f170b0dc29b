import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, expect, test } from "vitest";
import { readServerAddress } from "../../../src/transports/remote/address.ts";
import { RemoteServer } from "../../../src/transports/remote/server.ts";
import { Way } from "../../../src/transports/remote/way.ts";
import { type Listening, serve } from "../../support/authority.ts";

const names = { key: "KEY", keyFile: "KEY_FILE", ca: "CA", clientCert: "CERT", clientKey: "CERT_KEY" };
const ping = { jsonrpc: "2.0", id: 7, method: "ping" } as const;
let listening: Listening | undefined;
let way: Way;
afterEach(async () => {
  await way.close();
  await listening?.stop();
});

/** A server that is given up after so many ms of silence. */
function reached(patience: number): RemoteServer {
  const address = readServerAddress(`http://127.0.0.1:${listening?.port}/mcp`, { name: "ALLOW_HTTP", set: false });
  way = new Way({ address, names, env: {} });
  return new RemoteServer(way, "test", patience);
}

async function answersOf(server: RemoteServer, signal = new AbortController().signal): Promise<JSONRPCMessage[]> {
  const found: JSONRPCMessage[] = [];
  for await (const message of server.exchange(ping, signal)) found.push(message);
  return found;
}

test("a server that says nothing is given up", async () => {
  listening = await serve((request) => void request.resume());
  await expect(answersOf(reached(100))).rejects.toThrow(
    "The server said nothing for <1s: see that it runs and has not too much to do.",
  );
});

test("one that goes on to say that it is there is waited for", async () => {
  const answer = `data: ${JSON.stringify({ jsonrpc: "2.0", id: 7, result: {} })}\n\n`;
  listening = await serve((request, response) => {
    request.resume();
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    let said = 0;
    const timer = setInterval(() => {
      if (++said < 10) response.write(": keep-alive\n\n");
      else {
        clearInterval(timer);
        response.end(answer);
      }
    }, 100);
  });
  expect(await answersOf(reached(800))).toEqual([{ jsonrpc: "2.0", id: 7, result: {} }]);
});

test("events in pieces, in the midst of a letter, with line ends of either kind; other events are none of ours", async () => {
  const text = JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params: { data: "Zürich 日本" } });
  const body = Buffer.from(`event: other\ndata: {}\n\nid: 1\r\nevent: message\r\ndata: ${text}\r\n\r\ndata:\n\n`);
  listening = await serve((request, response) => {
    request.resume();
    response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8" });
    const next = (at: number) => {
      if (at < body.length) response.write(body.subarray(at, at + 1), () => next(at + 1));
      else response.end();
    };
    next(0);
  });
  expect(await answersOf(reached(5_000))).toEqual([JSON.parse(text)]);
});

test("what ends it is the reason that it gives", async () => {
  listening = await serve((request) => void request.resume());
  const controller = new AbortController();
  const ending = answersOf(reached(5_000), controller.signal);
  controller.abort(new Error("enough"));
  await expect(ending).rejects.toThrow("enough");
});
