import { createServer as createHttp, type IncomingMessage } from "node:http";
import { createServer as createHttps } from "node:https";
import { join } from "node:path";
import type { TlsOptions } from "node:tls";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { NomadError } from "../../../src/api/errors/errors.ts";
import { explain } from "../../../src/api/errors/explain.ts";
import { Refusal } from "../../../src/api/errors/refusal.ts";
import { allocations } from "../../../src/endpoints/allocations.ts";
import { NomadClient } from "../../../src/nomad-client.ts";
import { open } from "../../support/ask.ts";
import { type Authority, type Listening, listening, makeAuthority, makeFolder } from "../../support/authority.ts";
import { type AskedOfProxy, serveProxy } from "../../support/proxy.ts";

const allocation_id = "4f2a9c31-5d0e-4b7a-9c1f-0123456789ab";
const path = `/v1/client/allocation/${allocation_id}/exec?namespace=default&task=main`;

let ca: Authority;
let folder: ReturnType<typeof makeFolder>;
let stops: (() => Promise<void>)[];
/** The requests that became a websocket, and what was said over each. */
let taken: { readonly request: IncomingMessage; readonly said: string[]; closed: Promise<void> }[];

beforeAll(async () => {
  ca = await makeAuthority("Nomad Agent CA");
});
beforeEach(() => {
  folder = makeFolder();
  stops = [];
  taken = [];
});
afterEach(async () => {
  for (const stop of stops) await stop();
  folder.remove();
});

const until = <T extends Listening>(each: T): T => {
  stops.push(each.stop);
  return each;
};

/** What the other side does once something was said to it. */
type Behaviour = (socket: WebSocket) => void;
/** As Nomad ends a command: without a close frame. */
const ends: Behaviour = (socket) =>
  socket.send('{"exited":true,"result":{"exit_code":7}}', () => void socket.terminate());

async function serve(behaviour: Behaviour = ends, tls?: TlsOptions, socketPath?: string): Promise<number> {
  const server = tls ? createHttps(tls) : createHttp();
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, request) => {
    const closed = new Promise<void>((resolve) => void socket.on("close", () => resolve()));
    const one = { request, said: [] as string[], closed };
    taken.push(one);
    socket.on("message", (data) => {
      one.said.push(String(data));
      behaviour(socket);
    });
  });
  const end = () => {
    for (const each of sockets.clients) each.terminate();
    server.closeAllConnections();
  };
  return until(await listening(server, end, socketPath)).port;
}

interface Talked {
  readonly frames: unknown[];
  readonly enough?: boolean;
  readonly kind?: string;
  readonly text?: string;
}

/** Talks as a tool does, until the other side has exited. */
async function talk(
  settings: Parameters<typeof open>[0],
  { env = {}, ms = 5_000, signal, readOnly = false }: Partial<Talking> = {},
): Promise<Talked> {
  const transport = await open(settings, { env });
  stops.push(transport.close);
  const { base, fetch, dial, headers } = transport;
  const nomad = new NomadClient({ base, fetch, dial, headers, namespace: "default", readOnly, token: () => "made-up" });
  const frames: unknown[] = [];
  const hear = (frame: { exited?: boolean } | null) => {
    frames.push(frame);
    return frame?.exited === true;
  };
  try {
    const view = signal ? nomad.within(signal) : nomad;
    const args = { allocation_id, task: "main" };
    const enough = await view.converse(allocations.exec, args, { said: [{ stdin: { close: true } }], hear, ms });
    return { frames, enough };
  } catch (error) {
    if (error instanceof NomadError) return { frames, kind: error.kind, text: explain(error) };
    if (error instanceof Refusal) return { frames, kind: "refused", text: error.message };
    throw error;
  }
}

interface Talking {
  readonly env: Record<string, string>;
  readonly ms: number;
  readonly signal: AbortSignal;
  readonly readOnly: boolean;
}

const exited = { frames: [{ exited: true, result: { exit_code: 7 } }], enough: true };

test("token, user and a path in front of the API go with it, and what is to be said is said at once", async () => {
  const port = await serve();
  expect(await talk({ address: `http://ann:s%20x@127.0.0.1:${port}/behind` })).toEqual(exited);
  const [{ request, said } = expect.fail("nothing arrived")] = taken;
  expect(request.url).toBe(`/behind${path}`);
  expect(request.headers).toMatchObject({
    "x-nomad-token": "made-up",
    authorization: `Basic ${Buffer.from("ann:s x").toString("base64")}`,
  });
  expect(said).toEqual(['{"stdin":{"close":true}}']);
});

test.skipIf(process.platform === "win32")("over a unix socket", async () => {
  const socket = join(folder.path, "api.sock");
  await serve(ends, undefined, socket);
  expect(await talk({ address: `unix://${socket}` })).toEqual(exited);
  expect(await talk({ address: `unix://${folder.path}/none.sock` })).toMatchObject({
    kind: "unreachable",
    text: expect.stringContaining("none.sock does not exist: does Nomad run"),
  });
});

describe("over TLS", () => {
  async function settings() {
    const client = await ca.issue("client.global.nomad");
    const issued = await ca.issue("server.global.nomad");
    const port = await serve(ends, { ...issued, ca: ca.cert, requestCert: true, rejectUnauthorized: true });
    return {
      port,
      address: `https://127.0.0.1:${port}`,
      caCert: folder.write("ca.pem", ca.cert),
      clientCert: folder.write("client.pem", client.cert),
      clientKey: folder.write("client-key.pem", client.key),
      tlsServerName: "server.global.nomad",
    };
  }

  test("own CA and client certificate", async () => {
    const { port: _, ...given } = await settings();
    expect(await talk(given)).toEqual(exited);
    expect(await talk({ ...given, tlsServerName: "client.global.nomad" })).toMatchObject({
      kind: "tls",
      text: expect.stringContaining("not for client.global.nomad (NOMAD_TLS_SERVER_NAME)"),
    });
  });

  test("a certificate that is replaced is used by the next one", async () => {
    const { port: _, ...given } = await settings();
    const transport = await open(given, { every: 0 });
    stops.push(transport.close);
    const names: unknown[] = [];
    for (const name of ["client.one", "client.two"]) {
      const { cert, key } = await ca.issue(name);
      folder.replace("client.pem", cert);
      folder.replace("client-key.pem", key);
      const { signal } = new AbortController();
      const channel = await transport.dial(`${transport.base}${path}`, { headers: {}, signal });
      if ("status" in channel) throw new Error("refused");
      const { socket } = taken.at(-1)?.request ?? {};
      names.push(socket && "getPeerCertificate" in socket && Reflect.apply(peerOf, socket, []));
      channel.cut();
    }
    expect(names).toEqual(["client.one", "client.two"]);
  });

  function peerOf(this: { getPeerCertificate(): { subject: { CN: string } } }) {
    return this.getPeerCertificate().subject.CN;
  }

  test("through a proxy, in a tunnel", async () => {
    const { port, ...given } = await settings();
    const asked: AskedOfProxy[] = [];
    const env = { HTTPS_PROXY: `http://${until(await serveProxy(asked)).address}` };
    expect(await talk({ ...given, address: `https://nomad.test:${port}` }, { env })).toEqual(exited);
    expect(asked.map(({ what }) => what)).toEqual([`CONNECT nomad.test:${port}`]);
  });
});

test("plain HTTP goes through a proxy in a tunnel, too, and what it refuses is told", async () => {
  const port = await serve();
  const asked: AskedOfProxy[] = [];
  const through = async (status?: number) => ({
    env: { HTTP_PROXY: `http://${until(await serveProxy(asked, status)).address}` },
  });
  expect(await talk({ address: `http://nomad.test:${port}` }, await through())).toEqual(exited);
  expect(asked.map(({ what }) => what)).toEqual([`CONNECT nomad.test:${port}`]);
  expect(await talk({ address: `http://nomad.test:${port}` }, await through(403))).toMatchObject({
    kind: "unreachable",
    text: expect.stringMatching(/the proxy .* does not connect to nomad\.test:\d+ \(status 403\)/),
  });
});

describe("what answers in place of a websocket", () => {
  test.each([
    [403, "text/plain", "Permission denied", "forbidden", /^GET \S+ failed: 403 Permission denied\n.*alloc-exec/s],
    [500, "text/plain", "websocket connection not found in context", "unsupported", /does not pass websockets on/],
    [401, "text/html", "<html><title>Log in</title>", "not_nomad", /not Nomad but something in front of it/],
    [404, "text/plain", "", "unsupported", /what answers is not Nomad, or the path in NOMAD_ADDR/],
    [200, "text/plain", "hello", "not_nomad", /^GET \S+ failed: 200 hello\nWhat answered is not Nomad/],
  ])("%d %s %s", async (status, type, words, kind, text) => {
    const server = createHttp((_, response) => void response.writeHead(status, { "Content-Type": type }).end(words));
    const { port } = until(await listening(server, () => server.closeAllConnections()));
    expect(await talk({ address: `http://127.0.0.1:${port}` })).toMatchObject({
      kind,
      text: expect.stringMatching(text),
    });
  });

  test("a redirect is not followed", async () => {
    const server = createHttp((_, response) => void response.writeHead(302, { Location: "http://127.0.0.1:1/" }).end());
    const { port } = until(await listening(server, () => server.closeAllConnections()));
    expect(await talk({ address: `http://127.0.0.1:${port}` })).toMatchObject({ kind: "redirected" });
  });

  test("nothing at all, at a port that fetch refuses", async () => {
    expect(await talk({ address: "http://127.0.0.1:9" })).toMatchObject({ kind: "unreachable" });
  });
});

describe("how it ends", () => {
  const told = async (behaviour: Behaviour, more: Partial<Talking> = {}) =>
    await talk({ address: `http://127.0.0.1:${await serve(behaviour)}` }, more);

  test.each<[number, string, string, RegExp]>([
    [
      1011,
      "Permission denied",
      "forbidden",
      /^GET \S+ failed: 500 Permission denied\nThe token needs .*alloc-node-exec/,
    ],
    [1008, 'task "main" is not running.', "precondition", / failed: 400 task/],
    [1008, 'Unknown allocation "4f2a9c31"', "not_found", /There is no such allocation/],
    [1011, "failed to start command: exec: no", "not_found", /nothing was run/],
    [1011, "rpc error: EOF", "unclear", / may have happened: /],
    [1000, "", "connection_lost", / may have happened: its answer was lost/],
  ])("refused with %d %s", async (code, reason, kind, text) => {
    expect(await told((socket) => socket.close(code, reason))).toMatchObject({
      kind,
      text: expect.stringMatching(text),
    });
  });

  test("a connection that breaks, a frame that is none, more than is taken: it may have happened", async () => {
    expect(await told((socket) => socket.terminate())).toMatchObject({ kind: "connection_lost" });
    expect(await told((socket) => socket.send("{"))).toMatchObject({ kind: "unreadable" });
    expect(await told((socket) => socket.send('{"stdout":{"data":7}}'))).toMatchObject({
      kind: "unreadable",
      text: expect.stringMatching(/may have happened.*in a frame stdout\.data is a number, not a text/),
    });
    const large = JSON.stringify({ stdout: { data: "x".repeat(17 * 1024 * 1024) } });
    expect(await told((socket) => socket.send(large))).toMatchObject({ kind: "too_large" });
  });

  test("the time is over: quietly, and the connection is cut without a word", async () => {
    const answer = await told((socket) => socket.send('{"stdout":{"data":"eA=="}}'), { ms: 300 });
    expect(answer).toEqual({ frames: [{ stdout: { data: "eA==" } }], enough: false });
    await taken[0]?.closed;
  });

  test("the call is cancelled: the connection is cut, and it may have happened", async () => {
    const call = new AbortController();
    const behaviour: Behaviour = () => call.abort();
    expect(await told(behaviour, { signal: call.signal })).toMatchObject({
      kind: "cancelled",
      text: expect.stringContaining(" may have happened"),
    });
    await taken[0]?.closed;
  });

  test("the connections of the cluster are closed: those of websockets, too", async () => {
    const port = await serve(() => {});
    const transport = await open({ address: `http://127.0.0.1:${port}` });
    const { signal } = new AbortController();
    const channel = await transport.dial(`${transport.base}${path}`, { headers: {}, signal });
    await transport.close();
    if ("status" in channel) throw new Error("refused");
    expect((await channel.messages().next()).done).toBe(true);
    await vi.waitFor(() => expect(taken).toHaveLength(1));
    await taken[0]?.closed;
  });
});

test("under read-only nothing is opened", async () => {
  const port = await serve();
  expect(await talk({ address: `http://127.0.0.1:${port}` }, { readOnly: true })).toMatchObject({
    kind: "refused",
    text: expect.stringContaining("read-only"),
  });
  expect(taken).toEqual([]);
});
