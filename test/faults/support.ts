import type { IncomingMessage, ServerResponse } from "node:http";
import { vi } from "vitest";
import { startServer } from "../support/program.ts";
import { answer, recordedState } from "../support/recorded-state.ts";
import { openSession, type SomeSettings } from "../support/session.ts";

// Real sockets on loopback. A fault meets each kind of call: a read, a list, a log and a write.

/** A secret that no answer may have in it. */
export const token = "5e5c9d1e-6ff5-4b1e-9d0f-0123456789ab";

/** One call of each kind, of the job that the folder crash-loop of test/recorded tells of. */
export const kinds = {
  read: ["get_job_status", { job_id: "crash-loop" }],
  list: ["list_nomad_jobs", {}],
  log: ["get_job_logs", { job_id: "crash-loop" }],
  write: ["stop_job", { job_id: "crash-loop", wait_seconds: 0 }],
} as const;

export type Server = Awaited<ReturnType<typeof startServer>>;
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Servers that end with the test: `stop` belongs into afterEach. */
export function servers() {
  let running: { stop(): Promise<void> }[] = [];
  return {
    async serve(handler: Handler): Promise<Server> {
      const server = await startServer(handler);
      running.push(server);
      return server;
    },
    keep<T extends { stop(): Promise<void> }>(server: T): T {
      running.push(server);
      return server;
    },
    async stop(): Promise<void> {
      vi.restoreAllMocks();
      const all = running;
      running = [];
      for (const server of all) await server.stop();
    },
  };
}

/** One call of a session of its own: what the host gets, and how long it took, ms. */
export async function call(
  settings: SomeSettings & { address: string },
  tool: string,
  args: Readonly<Record<string, unknown>>,
) {
  const session = await openSession({ token, ...settings });
  const begun = performance.now();
  const { text, isError } = await session.call(tool, args);
  const took = performance.now() - begun;
  await session.close();
  return { text, isError, took };
}

/** The recorded state of a job over HTTP, except where `fault` says otherwise. */
export const healthy = (folder: string, fault: Handler, hits: (request: IncomingMessage) => boolean): Handler => {
  const state = recordedState(folder);
  return (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
    const reply = hits(request)
      ? undefined
      : answer(state, request.method ?? "", decodeURIComponent(pathname), searchParams);
    if (reply === undefined) return fault(request, response);
    response.writeHead(reply.status, { ...reply.headers, Date: new Date(state.now).toUTCString() });
    response.end(reply.text);
  };
};

/** The client's patience ends fifty times as fast; what is short as it is stays so. */
export function hurry(): void {
  const real = globalThis.setTimeout;
  const quick: typeof setTimeout = Object.assign(
    (run: () => void, ms = 0) => real(run, ms >= 5_000 ? ms / 50 : ms),
    real,
  );
  vi.spyOn(globalThis, "setTimeout").mockImplementation(quick);
}

/** The pauses before a repeat are as short as chance can make them. */
export function shortPauses(): void {
  vi.spyOn(Math, "random").mockReturnValue(0);
}

export const text = (status: number, body: string, type = "text/plain; charset=utf-8"): Handler => {
  return (_, response) => response.writeHead(status, { "Content-Type": type }).end(body);
};
export const page = (title: string) =>
  `<!doctype html><html><head><title>${title}</title></head><body>Hello</body></html>`;
