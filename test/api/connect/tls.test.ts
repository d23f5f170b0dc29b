import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer as createTcp } from "node:net";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Certificate } from "../../../src/api/connect/certificates.ts";
import { explainTls } from "../../../src/api/connect/fault.ts";
import { lookAt } from "../../../src/api/connect/look.ts";
import { network } from "../../../src/api/request/exchange.ts";
import { ask, open } from "../../support/ask.ts";
import {
  type Authority,
  type Issued,
  type Listening,
  listening,
  makeAuthority,
  makeFolder,
  serve,
} from "../../support/authority.ts";

// What the operator reads when TLS fails: over real sockets, and for the codes that Node 20 and 24 gave for what a real
// Nomad 2.0.6 said.

let ca: Authority;
let folder: ReturnType<typeof makeFolder>;
let stops: (() => Promise<void>)[];

beforeAll(async () => {
  ca = await makeAuthority("Nomad Agent CA");
});
beforeEach(() => {
  folder = makeFolder();
  stops = [];
});
afterEach(async () => {
  for (const stop of stops) await stop();
  folder.remove();
});

const until = (each: Listening) => {
  stops.push(each.stop);
  return each;
};
const start = async (issued: Issued) =>
  until(await serve((_, response) => response.end('{ "ID": "web" }'), issued)).port;

/** The first line of what the operator reads, without what differs from run to run. */
async function reads(settings: Parameters<typeof open>[0]): Promise<string> {
  const transport = await open(settings);
  stops.push(transport.close);
  const { kind, text = "" } = await ask(transport);
  const line = text.split("\n")[0] ?? "";
  return `${kind}: ${line
    .replaceAll(folder.path, "FOLDER")
    .replaceAll(/:\d{4,5}\b/g, ":PORT")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "TIME")}`;
}

describe("the server's certificate", () => {
  const caCert = () => folder.write("ca.pem", ca.cert);
  const tlsServerName = "server.global.nomad";

  test("of another CA", async () => {
    const address = `https://127.0.0.1:${await start(await ca.issue(tlsServerName))}`;
    const other = folder.write("other.pem", (await makeAuthority("Another CA")).cert);
    expect(await reads({ address, tlsServerName })).toMatchInlineSnapshot(
      `"tls: GET /v1/job/web failed: Nomad's certificate (CN=server.global.nomad, issued by CN=Nomad Agent CA) is not signed by a CA that Node trusts: set NOMAD_CACERT to the PEM file of the CA that signed it"`,
    );
    expect(await reads({ address })).toMatchInlineSnapshot(
      `"tls: GET /v1/job/web failed: Nomad's certificate (CN=server.global.nomad, issued by CN=Nomad Agent CA) is not signed by a CA that Node trusts: set NOMAD_CACERT to the PEM file of the CA that signed it"`,
    );
    expect(await reads({ address, tlsServerName, caCert: other })).toMatchInlineSnapshot(
      `"tls: GET /v1/job/web failed: Nomad's certificate (CN=server.global.nomad, issued by CN=Nomad Agent CA) is not signed by a CA in FOLDER/other.pem (NOMAD_CACERT)"`,
    );
  });

  test("for another name, which a setting mends", async () => {
    const address = `https://127.0.0.1:${await start(await ca.issue(tlsServerName))}`;
    expect(await reads({ address, caCert: caCert() })).toMatchInlineSnapshot(
      `"tls: GET /v1/job/web failed: Nomad's certificate is for server.global.nomad, not for 127.0.0.1: set NOMAD_TLS_SERVER_NAME to one of these, such as server.global.nomad"`,
    );
    expect(await reads({ address, caCert: caCert(), tlsServerName: "server.eu.nomad" })).toMatchInlineSnapshot(
      `"tls: GET /v1/job/web failed: Nomad's certificate is for server.global.nomad, not for server.eu.nomad (NOMAD_TLS_SERVER_NAME): set NOMAD_TLS_SERVER_NAME to one of these, such as server.global.nomad"`,
    );
    expect(await ask(await open({ address, caCert: caCert(), tlsServerName }))).toEqual({ reply: "web" });
  });

  test("expired, or not valid yet", async () => {
    const expired = await start(await ca.issue(tlsServerName, { from: -5, to: -3 }));
    const early = await start(await ca.issue(tlsServerName, { from: 2.01, to: 3 }));
    const settings = { caCert: caCert(), tlsServerName };
    expect(await reads({ ...settings, address: `https://127.0.0.1:${expired}` })).toMatchInlineSnapshot(
      `"tls: GET /v1/job/web failed: Nomad's certificate (CN=server.global.nomad, issued by CN=Nomad Agent CA) expired 3d ago (TIME): renew it on the Nomad agent"`,
    );
    expect(await reads({ ...settings, address: `https://127.0.0.1:${early}` })).toMatchInlineSnapshot(
      `"tls: GET /v1/job/web failed: Nomad's certificate (CN=server.global.nomad, issued by CN=Nomad Agent CA) is not valid yet (from TIME, in 2d): compare the clocks of this machine and of the Nomad agent"`,
    );
    expect(await ask(await open({ address: `https://127.0.0.1:${expired}`, skipVerify: true }))).toEqual({
      reply: "web",
    });
  });

  test("good, but its CA has expired", async () => {
    const old = await makeAuthority("Old CA", { from: -9, to: -4 });
    const address = `https://127.0.0.1:${await start(await old.issue(tlsServerName))}`;
    expect(await reads({ address, tlsServerName, caCert: folder.write("old.pem", old.cert) })).toMatchInlineSnapshot(
      `"tls: GET /v1/job/web failed: the CA certificate CN=Old CA in FOLDER/old.pem expired 4d ago (TIME): put its successor there (NOMAD_CACERT or NOMAD_CAPATH)"`,
    );
  });
});

test("https to a port that speaks HTTP", async () => {
  const { port } = until(await serve((_, response) => response.end()));
  expect(await reads({ address: `https://127.0.0.1:${port}` })).toMatchInlineSnapshot(
    `"tls: GET /v1/job/web failed: what answers at 127.0.0.1:PORT does not speak TLS: NOMAD_ADDR must begin with http:// there"`,
  );
  expect(await reads({ address: `https://127.0.0.1:${port}`, skipVerify: true })).toMatchInlineSnapshot(
    `"tls: GET /v1/job/web failed: what answers at 127.0.0.1:PORT does not speak TLS: NOMAD_ADDR must begin with http:// there"`,
  );
});

test("https to a port that hangs up: no word of certificates", async () => {
  const server = createTcp((socket) => socket.destroy());
  const { port } = until(await listening(server, () => {}));
  expect(await reads({ address: `https://127.0.0.1:${port}` })).toMatch(
    /^connection_lost: GET \/v1\/job\/web failed: /,
  );
  expect(await reads({ address: `https://127.0.0.1:${port}` })).not.toMatch(/certificate/);
});

test("a look at a server that says nothing ends with the call, or with its own patience", async () => {
  const silent = createTcp((socket) => socket.on("error", () => {}).resume());
  const { port } = until(await listening(silent, () => {}));
  const cancel = new AbortController();
  const look = lookAt(`https://127.0.0.1:${port}`, { signal: cancel.signal, patience: 60_000 });
  const [socket] = await once(silent, "connection");
  cancel.abort();
  expect(await look).toEqual({});
  await once(socket, "close");
  expect(await lookAt(`https://127.0.0.1:${port}`, { patience: 20 })).toEqual({});
  expect(await lookAt(`https://127.0.0.1:${port}`, { signal: cancel.signal, patience: 60_000 })).toEqual({});
});

// A program that this machine has or has not; no package.
const openssl = "openssl";

// Node's own server refuses client certificates by hanging up; Go's, and OpenSSL's, say why.
describe.skipIf(!/^OpenSSL 3/.test(spawnSync(openssl, ["version"], { encoding: "utf8" }).stdout))(
  "a server that says why it refuses our certificate",
  () => {
    let server: ChildProcess;
    let settings: Parameters<typeof open>[0];

    beforeEach(async () => {
      const { cert, key } = await ca.issue("server.global.nomad");
      const files = ["-cert", folder.write("server.pem", cert), "-key", folder.write("key.pem", key)];
      const caCert = folder.write("ca.pem", ca.cert);
      const strict = ["-Verify", "2", "-verify_return_error", "-CAfile", caCert, "-www"];
      server = spawn(openssl, ["s_server", "-accept", "127.0.0.1:0", ...files, ...strict], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      let said = "";
      const port = await new Promise<string>((resolve) =>
        server.stdout?.on("data", (text) => {
          said += text;
          const [, found] = /^ACCEPT \S*:(\d+)\n/m.exec(said) ?? [];
          if (found) resolve(found);
        }),
      );
      settings = { address: `https://127.0.0.1:${port}`, caCert, tlsServerName: "server.global.nomad" };
    });
    afterEach(() => {
      server.kill();
    });

    const withClient = ({ cert, key }: Issued) => ({
      ...settings,
      clientCert: folder.write("client.pem", cert),
      clientKey: folder.write("client-key.pem", key),
    });

    test("none sent", async () => {
      expect(await reads(settings)).toMatchInlineSnapshot(
        `"tls: GET /v1/job/web failed: Nomad asks for a client certificate (verify_https_client) and none is set: set NOMAD_CLIENT_CERT and NOMAD_CLIENT_KEY"`,
      );
    });

    test("expired", async () => {
      expect(await reads(withClient(await ca.issue("client", { from: -3, to: -2 })))).toMatchInlineSnapshot(
        `"tls: GET /v1/job/web failed: our client certificate FOLDER/client.pem (NOMAD_CLIENT_CERT) expired 2d ago (TIME): renew it; the new file is used as soon as it is there"`,
      );
    });

    test("of another CA", async () => {
      const other = await makeAuthority("Another CA");
      expect(await reads(withClient(await other.issue("client")))).toMatch(
        /^tls: .*Nomad refuses our client certificate FOLDER\/client.pem \(NOMAD_CLIENT_CERT; CN=client, issued by CN=Another CA\): /,
      );
    });

    test("the request that meets an expired certificate uses its successor, where that is there already", async () => {
      const transport = await open(withClient(await ca.issue("client", { from: -3, to: -2 })), {
        every: Number.POSITIVE_INFINITY,
      });
      stops.push(transport.close);
      withClient(await ca.issue("client"));
      const response = await transport.fetch(`${transport.base}/`);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain("Client certificate");
    });
  },
);

describe("codes as Node 20 and 24 give them", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");
  const certificate: Certificate = {
    subject: "CN=client.global.nomad",
    issuer: "CN=Nomad Agent CA",
    names: [],
    validFrom: now - 86_400_000,
    validTo: now + 86_400_000,
    file: "/etc/nomad/client.pem",
  };
  const said = (code: string, client?: Certificate) =>
    explainTls(Object.assign(new Error("80CC8AFE:error:0A00045C:SSL routines"), { code }), { now, client });
  const expired = { ...certificate, validTo: now - 2 * 3_600_000 };

  test.each([
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "Nomad asks for a client certificate"],
    ["ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", "Nomad most likely asks for a client certificate"],
    ["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "Nomad asks for a client certificate"],
  ])("none sent: %s", (code, words) => {
    expect(said(code)).toContain(words);
    expect(said(code)).toContain("set NOMAD_CLIENT_CERT and NOMAD_CLIENT_KEY");
  });

  test.each([
    "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED",
    "ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED",
    "ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE",
  ])("ours, expired: %s", (code) => {
    expect(said(code, expired)).toBe(
      "our client certificate /etc/nomad/client.pem (NOMAD_CLIENT_CERT) expired 2h ago (2026-11-20T10:00:00Z): renew it; the new file is used as soon as it is there",
    );
  });

  test.each([
    ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "it is not signed by the CA that the Nomad agent trusts"],
    ["ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED", "compare the clocks"],
    ["ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE", ": bad certificate"],
    ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED", ": certificate revoked"],
  ])("ours, in time: %s", (code, words) => {
    expect(said(code, certificate)).toContain("our client certificate /etc/nomad/client.pem (NOMAD_CLIENT_CERT");
    expect(said(code, certificate)).toContain(words);
  });

  test.each(["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "ERR_SSL_NO_PROTOCOLS_AVAILABLE", "ERR_SSL_UNSUPPORTED_PROTOCOL"])(
    "no version in common: %s",
    (code) => {
      expect(said(code)).toContain("no TLS version in common");
    },
  );

  test.each(["ECONNRESET", "UND_ERR_SOCKET", "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC", "EPROTO", ""])(
    "may come after Nomad got the request, so it is no failure of TLS: %s",
    (code) => {
      const error = Object.assign(new Error("broken"), { code });
      expect(explainTls(error)).toBeUndefined();
      expect(network(new TypeError("fetch failed", { cause: error }))).toEqual(["connection_lost", "broken"]);
    },
  );
});
