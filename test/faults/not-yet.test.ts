import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { makeAuthority, makeFolder, serve } from "../support/authority.ts";
import { openSession } from "../support/session.ts";
import { healthy, kinds, servers, token } from "./support.ts";

// What a setting names and is not there yet: the tools say it, with one cluster as with several, and no restart is needed.

const folder = makeFolder();
const { keep, stop } = servers();
afterAll(() => folder.remove());
afterEach(async () => {
  vi.unstubAllEnvs();
  await stop();
});

const nomad = healthy(
  "crash-loop",
  (_, response) => response.writeHead(404).end("not found"),
  () => false,
);
const [tool, args] = kinds.list;

async function opened(settings: Parameters<typeof openSession>[0]) {
  const session = await openSession(settings);
  keep({ stop: session.close });
  return session;
}

test("a token file: told, and used as soon as it is there", async () => {
  const tokens: unknown[] = [];
  const { port } = keep(
    await serve((request, response) => {
      tokens.push(request.headers["x-nomad-token"]);
      nomad(request, response);
    }),
  );
  const tokenFile = `${folder.path}/nomad-token`;
  const session = await opened({ address: `http://127.0.0.1:${port}`, tokenFile });
  const told = await session.call(tool, args);
  expect(told).toEqual({ isError: true, text: `NOMAD_MCP_TOKEN_FILE: the file ${tokenFile} cannot be read (ENOENT).` });
  expect(tokens).toEqual([]);
  folder.write("nomad-token", `${token}\n`);
  expect((await session.call(tool, args)).isError).toBe(false);
  expect(new Set(tokens)).toEqual(new Set([token]));
});

test("a CA: told, also while it is half written, and used as soon as it is there", async () => {
  const ca = await makeAuthority("Nomad Agent CA");
  const { port } = keep(await serve(nomad, await ca.issue("server.global.nomad")));
  const caCert = `${folder.path}/late.pem`;
  const address = `https://127.0.0.1:${port}`;
  const session = await opened({ address, caCert, tlsServerName: "server.global.nomad" });
  expect((await session.call(tool, args)).text).toBe(`NOMAD_CACERT: the file ${caCert} cannot be read (ENOENT).`);
  folder.write("late.pem", ca.cert.slice(0, 100));
  expect((await session.call(tool, args)).text).toMatch(/^NOMAD_CACERT: .*late\.pem/);
  folder.write("late.pem", ca.cert);
  expect((await session.call(tool, args)).isError).toBe(false);
});

test("a SOCKS proxy: the tools say that and why it is not used", async () => {
  vi.stubEnv("HTTPS_PROXY", "socks5://ann:hunter2@proxy.example:1080");
  const session = await opened({ address: "https://nomad.example:4646" });
  const { text, isError } = await session.call(tool, args);
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(
    `"HTTPS_PROXY: "socks5://[masked]@proxy.example:1080" is a SOCKS proxy, and this server knows HTTP proxies only, so nothing was sent. Set HTTPS_PROXY to an HTTP proxy, or name nomad.example in NO_PROXY if it is reached without one; then start this server again."`,
  );
});

describe("a port that fetch refuses", () => {
  // Of the list of the fetch standard, those that need no rights of root.
  const blocked = [10_080, 6_667, 4_190, 6_566, 1_719];

  async function at(port: number, listener = nomad) {
    const { createServer } = await import("node:http");
    const server = createServer(listener);
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", resolve);
      });
    } catch {
      // Somebody else has it.
      return false;
    }
    keep({
      stop: () =>
        new Promise<void>((resolve) => {
          server.closeAllConnections();
          server.close(() => resolve());
        }),
    });
    return true;
  }

  test("is reached all the same, by reads and by writes", async () => {
    let port: number | undefined;
    const seen: string[] = [];
    for (const each of blocked) {
      if (
        await at(each, (request, response) => {
          seen.push(`${request.method} ${request.headers["x-nomad-token"] === token}`);
          if (request.method === "DELETE")
            response.writeHead(200, { "Content-Type": "application/json" }).end('{"EvalID":""}');
          else nomad(request, response);
        })
      ) {
        port = each;
        break;
      }
    }
    if (port === undefined) throw new Error("none of the ports is free");
    const session = await opened({ address: `http://127.0.0.1:${port}`, token });
    for (const [name, given] of [kinds.read, kinds.list, kinds.write]) {
      expect(await session.call(name, given)).toMatchObject({ isError: false });
    }
    expect(seen).toEqual(expect.arrayContaining(["DELETE true", "GET true"]));
    expect(seen.filter((each) => !each.endsWith("true"))).toEqual([]);
  });

  test("where nobody listens says just that", async () => {
    const session = await opened({ address: "http://127.0.0.1:6669" });
    const { text } = await session.call(tool, args);
    expect(text).toMatch(/ECONNREFUSED[\s\S]*Nothing answers at http:\/\/127\.0\.0\.1:6669/);
  });
});
