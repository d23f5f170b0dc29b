import { createServer as createHttp, type IncomingMessage, type RequestListener } from "node:http";
import { connect as connectTcp, createServer as createTcp, type Socket } from "node:net";
import { join } from "node:path";
import type { TlsOptions } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Authority, listening, makeAuthority, makeFolder, serve } from "../support/authority.ts";
import { recordedState } from "../support/recorded-state.ts";
import { openSession, type SomeSettings } from "../support/session.ts";
import { call, healthy, kinds, servers, shortPauses, token } from "./support.ts";

// Ways to a Nomad that is well, on which nothing arrives: TLS, unix sockets, proxies. Each against each kind of call.

const name = "server.global.nomad";
const folder = makeFolder();
const { keep, stop } = servers();
let ca: Authority;
let another: Authority;
let caCert: string;
let reached: string[];

beforeAll(async () => {
  [ca, another] = await Promise.all([makeAuthority("Nomad Agent CA"), makeAuthority("Another CA")]);
  caCert = folder.write("ca.pem", ca.cert);
});
afterAll(() => folder.remove());
beforeEach(() => {
  reached = [];
  shortPauses();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await stop();
});

/** A Nomad that is well; it answers in `reached` for each request that it read. */
const nomad: RequestListener = (request, response) => {
  const { method, url = "", headers } = request;
  // A look at the certificate of a server that is not trusted is no request of ours, and carries nothing.
  if (method !== "HEAD" || headers["x-nomad-token"] !== undefined) reached.push(`${method} ${url}`);
  const { allocations, job } = recordedState("crash-loop");
  const single = allocations.find(({ ID }) => url.startsWith(`/v1/allocation/${ID}`));
  const other = JSON.stringify(single ? { ...single, Job: job } : { EvalID: "" });
  healthy(
    "crash-loop",
    (_, reply) => reply.writeHead(200, { "Content-Type": "application/json" }).end(other),
    () => method !== "GET",
  )(request, response);
};

async function start(tls?: TlsOptions, socket?: string): Promise<number> {
  return keep(await serve(nomad, tls, socket)).port;
}

/** A proxy on loopback: what it says to CONNECT; undefined lets the request through. */
async function startProxy(says: string | undefined): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createHttp().on("connect", (request: IncomingMessage, socket: Socket) => {
    sockets.add(socket.on("error", () => {}));
    if (says !== undefined) return void socket.end(says);
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const through = connectTcp(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(through).pipe(socket);
    });
    sockets.add(through.on("error", () => {}));
  });
  const end = () => {
    for (const socket of sockets) socket.destroy();
  };
  return `http://127.0.0.1:${keep(await listening(server, end)).port}`;
}

interface Way {
  /** The settings by which the call goes this way. */
  readonly open: () => Promise<SomeSettings & { readonly address: string }>;
  readonly told: RegExp;
}

const ways: Readonly<Record<string, Way>> = {
  "nobody listens": {
    async open() {
      const server = await serve(nomad);
      await server.stop();
      return { address: `http://127.0.0.1:${server.port}` };
    },
    told: /ECONNREFUSED[\s\S]*Nothing answers at http:\/\/127\.0\.0\.1/,
  },
  "a name that nobody knows": {
    open: async () => ({ address: "http://nomad.invalid:4646" }),
    told: /nomad\.invalid[\s\S]*Nothing answers/,
  },
  "TLS by an unknown CA": {
    open: async () => ({
      address: `https://127.0.0.1:${await start(await another.issue(name))}`,
      ...{ caCert, tlsServerName: name },
    }),
    told: /issued by CN=Another CA\) is not signed by a CA in .*ca\.pem \(NOMAD_CACERT\)/,
  },
  "TLS by a CA that no setting names": {
    open: async () => ({ address: `https://127.0.0.1:${await start(await ca.issue(name))}` }),
    told: /set NOMAD_CACERT to the PEM file of the CA that signed it/,
  },
  "a TLS name that does not match": {
    open: async () => ({ address: `https://127.0.0.1:${await start(await ca.issue(name))}`, caCert }),
    told: /is for server\.global\.nomad, not for 127\.0\.0\.1: set NOMAD_TLS_SERVER_NAME/,
  },
  "a server certificate that has expired": {
    open: async () => ({
      address: `https://127.0.0.1:${await start(await ca.issue(name, { from: -5, to: -3 }))}`,
      ...{ caCert, tlsServerName: name },
    }),
    told: /Nomad's certificate .* expired 3d ago/,
  },
  "no client certificate where one is asked for": {
    open: async () => ({
      address: `https://127.0.0.1:${await start(mutual(await ca.issue(name)))}`,
      ...{ caCert, tlsServerName: name },
    }),
    told: /asks for a client certificate \(verify_https_client\) and none is set/,
  },
  "a client certificate that has expired": {
    open: async () => {
      const { cert, key } = await ca.issue("client.global.nomad", { from: -5, to: -3 });
      return {
        address: `https://127.0.0.1:${await start(mutual(await ca.issue(name)))}`,
        ...{ caCert, tlsServerName: name },
        ...{ clientCert: folder.write("old.pem", cert), clientKey: folder.write("old-key.pem", key) },
      };
    },
    told: /our client certificate .*old\.pem \(NOMAD_CLIENT_CERT\) expired 3d ago/,
  },
  "HTTP to a port that speaks TLS": {
    open: async () => ({ address: `http://127.0.0.1:${await start(await ca.issue(name))}` }),
    told: /must begin with https:\/\/|connection broke/,
  },
  "TLS to a port that speaks HTTP": {
    open: async () => ({ address: `https://127.0.0.1:${await start()}`, caCert }),
    told: /does not speak TLS: NOMAD_ADDR must begin with http:\/\//,
  },
  "something that speaks neither": {
    async open() {
      const sockets = new Set<Socket>();
      const server = createTcp((socket) => {
        sockets.add(socket.on("error", () => {}));
        socket.end("220 mail.example ESMTP\r\n");
      });
      const end = () => {
        for (const socket of sockets) socket.destroy();
      };
      return { address: `http://127.0.0.1:${keep(await listening(server, end)).port}` };
    },
    told: /failed: .*[\s\S]*connection broke/,
  },
  "a unix socket that is not there": {
    open: async () => ({ address: `unix://${join(folder.path, "none.sock")}` }),
    told: /none\.sock does not exist: does Nomad run/,
  },
  "a unix socket that is a file": {
    open: async () => ({ address: `unix://${folder.write("file.sock", "")}` }),
    told: /file\.sock (has nobody listening|is no socket)/,
  },
  "a proxy that is away": {
    async open() {
      const server = await serve(nomad);
      await server.stop();
      vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${server.port}`);
      return { address: "https://nomad.test:4646" };
    },
    told: /the proxy http:\/\/127\.0\.0\.1:\d+\/? \(HTTPS_PROXY\) cannot be reached/,
  },
  "a proxy that will not": {
    async open() {
      vi.stubEnv("HTTPS_PROXY", await startProxy("HTTP/1.1 403 Forbidden\r\n\r\n"));
      return { address: "https://nomad.test:4646" };
    },
    told: /does not connect to nomad\.test:4646 \(status 403\): see that it may, or name nomad\.test in NO_PROXY/,
  },
  "a proxy that asks who calls": {
    async open() {
      vi.stubEnv("HTTPS_PROXY", await startProxy("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
      return { address: "https://nomad.test:4646" };
    },
    told: /asks for a user and password/,
  },
};

function mutual(issued: { readonly cert: string; readonly key: string }): TlsOptions {
  return { ...issued, ca: ca.cert, requestCert: true, rejectUnauthorized: true };
}

describe.each(Object.entries(ways))("%s", (_, { open, told }) => {
  test.each(Object.entries(kinds))(
    "meets a %s: what happened and what to do, and nothing reached Nomad",
    async (_, [tool, args]) => {
      const answered = await call(await open(), tool, args);
      expect(answered.isError).toBe(true);
      expect(answered.text).toMatch(told);
      expect(answered.text).not.toContain("may have happened");
      expect(answered.text).not.toContain(token);
      expect(answered.text).not.toMatch(/undefined|NaN|\[object|mistake in nomad-mcp/);
      expect(answered.text.length).toBeLessThan(900);
      expect(answered.took).toBeLessThan(8_000);
      expect(reached).toEqual([]);
    },
  );
});

describe("the same ways, mended", () => {
  const good = async (settings: SomeSettings & { readonly address: string }) => {
    for (const [tool, args] of Object.values(kinds)) {
      const { isError, text } = await call(settings, tool, args);
      expect(text).not.toMatch(/failed:|may have happened/);
      expect(isError).toBe(false);
    }
    expect(reached.filter((line) => line.startsWith("DELETE"))).toHaveLength(1);
  };

  test("a client certificate that expired is replaced on disk: the next call of the session uses it", async () => {
    const old = await ca.issue("client.global.nomad", { from: -5, to: -3 });
    const fresh = await ca.issue("client.global.nomad");
    const clientCert = folder.write("client.pem", old.cert);
    const clientKey = folder.write("client-key.pem", old.key);
    const address = `https://127.0.0.1:${await start(mutual(await ca.issue(name)))}`;
    const session = await openSession({ address, token, caCert, tlsServerName: name, clientCert, clientKey });
    keep({ stop: session.close });
    const [tool, args] = kinds.list;
    expect((await session.call(tool, args)).text).toMatch(/expired 3d ago/);
    folder.replace("client-key.pem", fresh.key);
    folder.replace("client.pem", fresh.cert);
    // Files are looked at every so often; what matters is that no restart is needed.
    await vi.waitFor(async () => expect((await session.call(tool, args)).isError).toBe(false), { timeout: 10_000 });
    for (const [each, its] of Object.values(kinds)) expect((await session.call(each, its)).isError).toBe(false);
  });

  test("over a unix socket", async () => {
    const socket = join(folder.path, "nomad.sock");
    await start(undefined, socket);
    await good({ address: `unix://${socket}` });
  });

  test("through a proxy, to a server of TLS", async () => {
    vi.stubEnv("HTTPS_PROXY", await startProxy(undefined));
    vi.stubEnv("NO_PROXY", "");
    const address = `https://127.0.0.1:${await start(mutual(await ca.issue(name)))}`;
    const { cert, key } = await ca.issue("client.global.nomad");
    const files = { clientCert: folder.write("good.pem", cert), clientKey: folder.write("good-key.pem", key) };
    await good({ address, caCert, tlsServerName: name, ...files });
  });
});
