import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import type { IncomingMessage, RequestListener } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ask, open } from "../../support/ask.ts";
import { type Authority, type Listening, makeAuthority, makeFolder, serve } from "../../support/authority.ts";
import { type AskedOfProxy, serveProxy } from "../../support/proxy.ts";

let ca: Authority;
let folder: ReturnType<typeof makeFolder>;
let stops: (() => Promise<void>)[];
let taken: IncomingMessage[];

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
const answer: RequestListener = (received, response) => {
  taken.push(received);
  response.setHeader("Content-Type", "application/json").end('{ "ID": "web" }');
};
const opened = async (...given: Parameters<typeof open>) => {
  const transport = await open(...given);
  stops.push(transport.close);
  return transport;
};
/** The one request that arrived. */
const arrived = () => {
  const [first] = taken;
  if (first === undefined || taken.length > 1) throw new Error(`${taken.length} requests arrived`);
  return first;
};

describe("plain HTTP", () => {
  test("a path in front of the API is kept", async () => {
    const { port } = until(await serve(answer));
    expect(await ask(await opened({ address: `http://127.0.0.1:${port}/behind/nomad/` }))).toEqual({ reply: "web" });
    expect(arrived().url).toBe("/behind/nomad/v1/job/web?namespace=default");
  });

  test("user and password go as basic authentication, not in the address", async () => {
    const { port } = until(await serve(answer));
    const { base, address, headers, fetch } = await opened({ address: `http://ann:s%20x@127.0.0.1:${port}` });
    await fetch(`${base}/v1/jobs`, { headers });
    expect(arrived().headers.authorization).toBe(`Basic ${Buffer.from("ann:s x").toString("base64")}`);
    expect(address).toBe(`http://127.0.0.1:${port}`);
  });

  test("settings of TLS do not matter to it, but their files must be there", async () => {
    const { port } = until(await serve(answer));
    const settings = { address: `http://127.0.0.1:${port}`, tlsServerName: "server.global.nomad", skipVerify: true };
    expect(await ask(await opened(settings))).toEqual({ reply: "web" });
    await expect(open({ ...settings, caCert: "/nowhere" })).rejects.toThrow("NOMAD_CACERT");
  });

  test("a proxy does not matter to an address of this machine", async () => {
    const { port } = until(await serve(answer));
    const transport = await opened(
      { address: `http://127.0.0.1:${port}` },
      { env: { HTTP_PROXY: "http://127.0.0.1:1" } },
    );
    expect(transport.proxy).toBeUndefined();
    expect(await ask(transport)).toEqual({ reply: "web" });
  });
});

describe.skipIf(process.platform === "win32")("a unix socket", () => {
  test("plain HTTP with the host 127.0.0.1, never through a proxy", async () => {
    const socket = join(folder.path, "api.sock");
    until(await serve(answer, undefined, socket));
    const transport = await opened({ address: `unix://${socket}` }, { env: { HTTP_PROXY: "http://127.0.0.1:1" } });
    expect(await ask(transport)).toEqual({ reply: "web" });
    expect(arrived().headers.host).toBe("127.0.0.1");
    expect(transport.address).toBe(`unix://${socket}`);
  });

  test("not there, not a socket, not allowed: said which and why", async () => {
    const missing = join(folder.path, "none.sock");
    expect(await ask(await opened({ address: `unix://${missing}` }))).toMatchObject({
      kind: "unreachable",
      text: expect.stringContaining(`the socket ${missing} does not exist: does Nomad run, and is NOMAD_ADDR right?`),
    });
    const file = folder.write("file", "");
    expect((await ask(await opened({ address: `unix://${file}` }))).text).toContain(
      `the socket ${file} has nobody listening`,
    );
    // root may do anything.
    if (process.getuid?.() === 0) return;
    const socket = join(folder.path, "api.sock");
    until(await serve(answer, undefined, socket));
    chmodSync(socket, 0o000);
    expect((await ask(await opened({ address: `unix://${socket}` }))).text).toContain("permission denied");
  });
});

describe("a proxy", () => {
  let asked: AskedOfProxy[];
  beforeEach(() => {
    asked = [];
  });
  const startProxy = async (status?: number) => until(await serveProxy(asked, status)).address;

  async function startNomad() {
    const client = await ca.issue("client.global.nomad");
    const files = {
      caCert: folder.write("ca.pem", ca.cert),
      clientCert: folder.write("client.pem", client.cert),
      clientKey: folder.write("client-key.pem", client.key),
      tlsServerName: "server.global.nomad",
    };
    const issued = await ca.issue("server.global.nomad");
    const { port } = until(await serve(answer, { ...issued, ca: ca.cert, requestCert: true }));
    return { address: `https://nomad.test:${port}`, port, files };
  }

  test("TLS goes through a tunnel, both certificates with it", async () => {
    const { address, port, files } = await startNomad();
    const env = { HTTPS_PROXY: `http://ann:s%40x@${await startProxy()}` };
    const transport = await opened({ address, ...files }, { env });
    expect(await ask(transport)).toEqual({ reply: "web" });
    expect(await ask(transport)).toEqual({ reply: "web" });
    expect(asked[0]).toEqual({
      what: `CONNECT nomad.test:${port}`,
      user: `Basic ${Buffer.from("ann:s@x").toString("base64")}`,
    });
    expect(transport.proxy).toMatch(/^http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\)$/);
  });

  test("a client certificate that is replaced is used through it, too", async () => {
    const { address, files } = await startNomad();
    const transport = await opened({ address, ...files }, { env: { https_proxy: `http://${await startProxy()}` } });
    expect(await ask(transport)).toEqual({ reply: "web" });
    const next = await ca.issue("client.next");
    folder.replace("client.pem", next.cert);
    folder.replace("client-key.pem", next.key);
    expect(await ask(transport)).toEqual({ reply: "web" });
    expect(asked).toHaveLength(2);
  });

  test("the certificate is checked through it", async () => {
    const { address, files } = await startNomad();
    const env = { HTTPS_PROXY: `http://${await startProxy()}` };
    const { text } = await ask(await opened({ address, ...files, tlsServerName: "client.global.nomad" }, { env }));
    expect(text).toContain("not for client.global.nomad (NOMAD_TLS_SERVER_NAME)");
    expect(taken).toEqual([]);
  });

  test("plain HTTP is sent to it whole, without a tunnel", async () => {
    const { port } = until(await serve(answer));
    const env = { HTTP_PROXY: await startProxy() };
    expect(await ask(await opened({ address: `http://nomad.test:${port}` }, { env }))).toEqual({ reply: "web" });
    expect(asked.map(({ what }) => what)).toEqual([`GET http://nomad.test:${port}/v1/job/web?namespace=default`]);
    expect(arrived().headers.host).toBe(`nomad.test:${port}`);
  });

  test.each([
    [403, /the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\) does not connect to nomad\.test:4646 \(status 403\)/],
    [407, /the proxy .* asks for a user and password/],
  ])("that refuses with %d is named, and the request was not sent", async (status, words) => {
    const env = { HTTPS_PROXY: `http://ann:hunter2@${await startProxy(status)}` };
    const { kind, text } = await ask(await opened({ address: "https://nomad.test:4646" }, { env }), { Job: {} });
    expect(kind).toBe("unreachable");
    expect(text).toMatch(words);
    expect(text).not.toMatch(/hunter2|may have happened/);
  });

  test("that is not there is named", async () => {
    for (const address of ["https://nomad.test:4646", "http://nomad.test:4646"]) {
      const proxy = "http://127.0.0.1:1";
      const transport = await opened({ address }, { env: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } });
      expect(await ask(transport)).toMatchObject({
        kind: "unreachable",
        text: expect.stringMatching(
          /the proxy http:\/\/127\.0\.0\.1:1 \(HTTPS?_PROXY\) cannot be reached: .*ECONNREFUSED/,
        ),
      });
    }
  });
});

describe("the process", () => {
  const bundle = (entry: string) =>
    build({
      stdin: { contents: entry, resolveDir: import.meta.dirname, loader: "ts" },
      bundle: true,
      splitting: true,
      metafile: true,
      platform: "node",
      format: "esm",
      outdir: folder.path,
      outExtension: { ".js": ".mjs" },
      banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
      logLevel: "error",
    });

  test("ends although connections are kept, and nobody closed them", async () => {
    const issued = await ca.issue("server.global.nomad");
    const { port } = until(await serve(answer, issued));
    const caCert = folder.write("ca.pem", ca.cert);
    const settings = {
      address: `https://127.0.0.1:${port}`,
      caCert,
      tlsServerName: "server.global.nomad",
      skipVerify: false,
    };
    await bundle(`
      import { connect } from "../../../src/api/connect/connection.ts";
      const { base, fetch } = await connect(${JSON.stringify(settings)}, { env: {} });
      const replies = await Promise.all([1, 2, 3].map(async () => (await fetch(base + "/v1/jobs")).text()));
      process.stdout.write(replies.length + " replies");
    `);
    const child = spawn(process.execPath, [join(folder.path, "stdin.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    let saidAt = Number.NaN;
    child.stdout.on("data", (chunk) => {
      said += chunk;
      saidAt = performance.now();
    });
    const [status] = await once(child, "exit", { signal: AbortSignal.timeout(15_000) });
    expect([status, said]).toEqual([0, "3 replies"]);
    // Kept connections are given up after 4 s; it does not wait for that.
    expect(performance.now() - saidAt).toBeLessThan(2_000);
  });

  test("loads neither undici nor what reads certificates before one of these is needed", async () => {
    const { metafile } = await bundle(
      'import { connect } from "../../../src/api/connect/connection.ts"; await connect({ address: "http://127.0.0.1", skipVerify: false });',
    );
    const { outputs } = metafile;
    const atStart = (name: string): string[] => {
      const output = outputs[name];
      const next = output?.imports.filter(({ kind }) => kind === "import-statement") ?? [];
      return [...Object.keys(output?.inputs ?? {}), ...next.flatMap(({ path }) => atStart(path))];
    };
    const entry = Object.keys(outputs).find((name) => outputs[name]?.entryPoint === "<stdin>") ?? "";
    const loaded = atStart(entry).filter((each) =>
      /node_modules.undici|certificates|connect-look|connection/.test(each),
    );
    expect(loaded).toEqual(["src/api/connect/connection.ts"]);
  });
});
