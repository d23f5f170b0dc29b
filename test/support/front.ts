import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";

/** What stands in front of a cluster, and answers some requests itself. */
export interface Front {
  readonly address: string;
  stop(): Promise<void>;
}

/** An answer in place of the cluster's. */
export interface Instead {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Nomad's answer to a token that may not. */
export const denied: Instead = { status: 403, text: "Permission denied" };

/** Hands every request to the cluster at `address` but those that `instead` answers. */
export async function front(
  address: string,
  instead: (url: URL, method: string) => Instead | undefined,
): Promise<Front> {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", address);
    const own = instead(url, request.method ?? "GET");
    if (own !== undefined) {
      response.writeHead(own.status, { "Content-Type": "text/plain; charset=utf-8", ...own.headers }).end(own.text);
      return;
    }
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const body = request.method === "GET" ? null : Buffer.concat(await request.toArray());
    const reply = await fetch(url, { method: request.method ?? "GET", body, signal: gone.signal }).catch(
      () => undefined,
    );
    if (reply === undefined) return void response.destroy();
    // `fetch` has unpacked the body: what Nomad said of its packed form is no longer true.
    const headers = new Headers(reply.headers);
    for (const packed of ["content-encoding", "content-length"]) headers.delete(packed);
    response.writeHead(reply.status, Object.fromEntries(headers));
    const source: ReadableStream | null = reply.body;
    if (source === null) response.end();
    else
      Readable.fromWeb(source)
        .on("error", () => response.destroy())
        .pipe(response);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    async stop() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}
