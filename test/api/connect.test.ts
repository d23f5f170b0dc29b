import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { connect, type TlsSettings } from "../../src/api/connect.ts";
import { explain, NomadError, Refusal } from "../../src/api/errors.ts";
import { path } from "../../src/api/path.ts";
import { NomadClient } from "../../src/nomad-client.ts";

// Made for these tests, valid until 2120: a CA that nobody keeps the key of, and a certificate each for
// server.global.nomad and client.global.nomad, as `nomad tls cert create` names them.
const file = (name: string) => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));
const pem = (name: string) => readFileSync(file(name), "utf8");
const ca = { caCert: file("ca.pem") };
const named = { tlsServerName: "server.global.nomad" };
const certificate = { clientCert: file("client.pem"), clientKey: file("client-key.pem") };

let server: Server;
let address: string;
let askForCertificate = false;

beforeAll(async () => {
  const options = { key: pem("server-key.pem"), cert: pem("server.pem"), ca: pem("ca.pem"), requestCert: true };
  server = createServer({ ...options, rejectUnauthorized: false }, ({ socket }, response) => {
    const { authorized } = socket as TLSSocket;
    response.setHeader("Content-Type", "application/json");
    response.statusCode = askForCertificate && !authorized ? 403 : 200;
    response.end(JSON.stringify({ ID: authorized ? "with certificate" : "without" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  askForCertificate = false;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Reads a job over TLS; what came, or the kind of the error and what the operator reads of it. */
async function ask(tls: Partial<TlsSettings>): Promise<{ id?: string; kind?: string; text?: string }> {
  const fetch = connect({ skipVerify: false, ...tls });
  const nomad = new NomadClient({ address, namespace: "default", readOnly: false, fetch: () => fetch });
  try {
    return { id: (await nomad.get<{ ID: string }>(path`/v1/job/${"web"}`)).ID };
  } catch (error) {
    if (error instanceof NomadError) return { kind: error.kind, text: explain(error) };
    throw error;
  }
}

test("nothing set: Node's own fetch", async () => {
  expect(await connect({ skipVerify: false })).toBe(fetch);
});

describe("the server's certificate", () => {
  test("of an unknown CA: refused, and which settings to look at", async () => {
    const { kind, text } = await ask({});
    expect(kind).toBe("tls");
    expect(text).toContain("NOMAD_CACERT");
  });

  test("of the given CA, under the name it has", async () => {
    expect(await ask({ ...ca, ...named })).toEqual({ id: "without" });
  });

  test("of the given CA, under another name: refused, and the setting that helps", async () => {
    const { kind, text } = await ask(ca);
    expect(kind).toBe("tls");
    expect(text).toContain("NOMAD_TLS_SERVER_NAME");
  });

  test("not checked, where the operator says so", async () => {
    expect(await ask({ skipVerify: true })).toEqual({ id: "without" });
  });

  test("of a CA in a directory", async () => {
    const directory = mkdtempSync(join(tmpdir(), "nomad-mcp-"));
    symlinkSync(file("ca.pem"), join(directory, "ca.pem"));
    expect(await ask({ caPath: directory, ...named })).toEqual({ id: "without" });
    rmSync(directory, { recursive: true });
  });
});

test("the client's certificate", async () => {
  askForCertificate = true;
  expect(await ask({ ...ca, ...named })).toMatchObject({ kind: "forbidden" });
  expect(await ask({ ...ca, ...named, ...certificate })).toEqual({ id: "with certificate" });
});

test.each([
  ["NOMAD_CACERT", { caCert: "/nowhere/ca.pem" }],
  ["NOMAD_CAPATH", { caPath: "/nowhere" }],
  ["NOMAD_CLIENT_CERT", { clientCert: "/nowhere/c.pem", clientKey: file("client-key.pem") }],
  ["NOMAD_CLIENT_KEY", { clientCert: file("client.pem"), clientKey: "/nowhere/k.pem" }],
])("a file that cannot be read stops the start: %s", async (setting, tls) => {
  const failing = connect({ skipVerify: false, ...tls });
  await expect(failing).rejects.toThrow(Refusal);
  await expect(failing).rejects.toThrow(new RegExp(`^${setting}: .*/nowhere.*ENOENT`));
});

test.each([
  ["NOMAD_CACERT", { caCert: file("../tls/server-key.pem") }],
  ["NOMAD_CLIENT_CERT", { clientCert: file("client-key.pem"), clientKey: file("client-key.pem") }],
  ["NOMAD_CLIENT_KEY", { clientCert: file("client.pem"), clientKey: file("server-key.pem") }],
])("a file that holds something else stops the start: %s", async (setting, tls) => {
  await expect(connect({ skipVerify: false, ...ca, ...tls })).rejects.toThrow(new RegExp(`^${setting}: `));
});
