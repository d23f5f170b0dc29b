import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answer, type RecordedState } from "./recorded-state.ts";

/** Serves a recorded state over a real socket, at the time at which it was recorded. */
export async function serveRecorded(state: RecordedState): Promise<{ readonly address: string; close(): void }> {
  const server = createServer(({ method = "GET", url = "" }, reply) => {
    const { pathname, searchParams } = new URL(url, "http://nomad.test");
    const found = answer(state, method, decodeURIComponent(pathname), searchParams);
    const date = { Date: new Date(state.now).toUTCString() };
    if (found === undefined) reply.writeHead(501, date).end(`nothing was recorded for ${method} ${url}`);
    else reply.writeHead(found.status, { ...found.headers, ...date }).end(found.text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
