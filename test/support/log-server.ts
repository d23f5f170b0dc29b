import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { NomadClient } from "../../src/nomad-client.ts";

/** A node's log routes and the watching of one allocation, over a real socket. */
export interface LogServer {
  readonly nomad: NomadClient;
  /** What a stream holds; a status and text where the route fails. Empty until set. */
  put(
    stream: "stdout" | "stderr",
    content: string | Uint8Array | { readonly status: number; readonly text: string },
  ): void;
  /** Writes on to a stream, also to those who follow it. */
  write(stream: "stdout" | "stderr", text: string): void;
  /** Breaks the connections of those who follow. */
  breakOff(): void;
  /** The allocation as the server has it: each change wakes the blocking reads. */
  become(allocation: { readonly ModifyIndex: number }): void;
  /** The files of `/alloc/logs`; a status and text where they may not be read. */
  files: readonly string[] | { readonly status: number; readonly text: string };
  /** The offset of each log request so far. */
  readonly offsets: readonly number[];
  /** Settles when so many connections follow a log. */
  followedBy(count: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Answers as nomad-api.md §5.5 says: `offset` bytes back from the end (0: the whole newest file) or on from the start; with
 * `follow` the connection stays open and sends nothing, not even headers, until there are bytes.
 */
export async function logServer(): Promise<LogServer> {
  const content = new Map<string, Buffer | { readonly status: number; readonly text: string }>();
  const followers = new Map<ServerResponse, string>();
  const offsets: number[] = [];
  const waiting = new Set<() => void>();
  const counting = new Set<() => void>();
  let allocation = { ModifyIndex: 0 };

  function follow(response: ServerResponse, stream: string, first: Buffer): void {
    followers.set(response, stream);
    if (first.length > 0) response.write(first);
    response.on("close", () => {
      followers.delete(response);
      for (const check of counting) check();
    });
    for (const check of counting) check();
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://node");
    if (pathname.startsWith("/v1/client/fs/logs/")) {
      const stream = query.get("type") ?? "";
      const stored = content.get(stream) ?? Buffer.alloc(0);
      if (!Buffer.isBuffer(stored)) return void response.writeHead(stored.status).end(stored.text);
      const offset = Number(query.get("offset"));
      offsets.push(offset);
      const end = query.get("origin") === "end";
      const first = stored.subarray(end && offset > 0 ? Math.max(0, stored.length - offset) : 0);
      return query.get("follow") === "true" ? follow(response, stream, first) : void response.end(first);
    }
    if (pathname.startsWith("/v1/client/fs/ls/")) {
      if ("status" in log.files) return void response.writeHead(log.files.status).end(log.files.text);
      return void response.end(JSON.stringify(log.files.map((Name) => ({ Name }))));
    }
    const answer = () => {
      waiting.delete(answer);
      response.setHeader("X-Nomad-Index", allocation.ModifyIndex).end(JSON.stringify(allocation));
    };
    if (Number(query.get("index")) < allocation.ModifyIndex) answer();
    else waiting.add(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  const log: LogServer = {
    nomad: new NomadClient({
      base: `http://127.0.0.1:${port}`,
      namespace: "default",
      readOnly: false,
      fetch,
    }),
    put: (stream, given) =>
      void content.set(stream, typeof given === "string" || given instanceof Uint8Array ? Buffer.from(given) : given),
    write(stream, text) {
      const stored = content.get(stream);
      content.set(stream, Buffer.concat([Buffer.isBuffer(stored) ? stored : Buffer.alloc(0), Buffer.from(text)]));
      for (const [response, followed] of followers) if (followed === stream) response.write(text);
    },
    breakOff() {
      for (const response of followers.keys()) response.destroy();
    },
    become(next) {
      allocation = next;
      for (const answer of [...waiting]) answer();
    },
    files: [],
    offsets,
    async followedBy(count) {
      if (followers.size === count) return;
      await new Promise<void>((resolve) => {
        const check = () => {
          if (followers.size !== count) return;
          counting.delete(check);
          resolve();
        };
        counting.add(check);
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return log;
}
