import { HttpResponse, http, type RequestHandler } from "msw";
import { setupServer } from "msw/node";
import { onTestFinished, vi } from "vitest";
import { address, answer, type RecordedState, recordedState } from "./recorded-state.ts";

export { address, type Exchange, type RecordedState, recorded, recordedState } from "./recorded-state.ts";

/** One request as Nomad saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Decoded bytes of the answer. */
  readonly answered: number;
}

/** What to serve. */
export interface Served {
  /** A folder of test/recorded that tells of one job. */
  readonly job: string;
  /** Changes what was recorded, for cases that are not among them. */
  readonly edit?: (state: RecordedState) => void;
  /** Answers that go before those of the recorded state. */
  readonly extra?: readonly RequestHandler[];
}

const server = setupServer();
let listening = false;
let unexpected: string[] = [];

/** Nothing of it is left when the test has ended: what it replaces is the process's, and other files share that. */
function listen(): void {
  if (listening) return;
  listening = true;
  server.listen({
    onUnhandledRequest({ method, url }) {
      unexpected.push(`${method} ${url}`);
      throw new Error("nothing is served there");
    },
  });
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2001, 0, 1) });
  onTestFinished(() => {
    listening = false;
    server.resetHandlers();
    server.close();
    vi.useRealTimers();
    const missed = unexpected;
    unexpected = [];
    if (missed.length > 0) throw new Error(`requests that nothing was recorded for: ${missed.join(", ")}`);
  });
}

/**
 * Serves a recorded folder at {@link address} until the test ends, and gives the requests that come. Our own clock stands
 * still at a wrong time, so that every age in an answer is by the server's `Date` header.
 */
export function recordedNomad({ job, edit, extra = [] }: Served): Seen[] {
  const state = recordedState(job);
  edit?.(state);
  listen();
  const seen: Seen[] = [];
  server.use(
    ...extra,
    http.all(`${address}/v1/*`, async ({ request }) => {
      const url = new URL(request.url);
      const reply = answer(state, request.method, decodeURIComponent(url.pathname), url.searchParams);
      if (reply === undefined) {
        unexpected.push(`${request.method} ${url.pathname}${url.search}`);
        return HttpResponse.error();
      }
      seen.push({
        method: request.method,
        path: url.pathname,
        query: url.searchParams,
        answered: Buffer.byteLength(reply.text),
      });
      const headers = { ...reply.headers, Date: new Date(state.now).toUTCString() };
      return new HttpResponse(reply.text, { status: reply.status, headers });
    }),
  );
  return seen;
}
