import { X509Certificate } from "node:crypto";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import type { RequestListener, ServerResponse } from "node:http";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ConnectOptions, Transport } from "../../../src/api/connect/connection.ts";
import { renewed, tokenFile } from "../../../src/api/connect/renewed.ts";
import { Refusal } from "../../../src/api/errors/refusal.ts";
import { type Answer, ask, open } from "../../support/ask.ts";
import {
  type Authority,
  type Issued,
  type Listening,
  makeAuthority,
  makeFolder,
  serve,
} from "../../support/authority.ts";

// A server that asks for client certificates and says whose it was shown, and files that change while it is asked.

let ca: Authority;
let clients: Issued[];
let server: Issued;

beforeAll(async () => {
  ca = await makeAuthority("Nomad Agent CA");
  server = await ca.issue("server.global.nomad");
  clients = await Promise.all(["one", "two", "three"].map((name) => ca.issue(`client.${name}`)));
});

let folder: ReturnType<typeof makeFolder>;
let listening: Listening | undefined;
let transport: Transport | undefined;
/** Requests that the server took, and on how many connections. */
let taken: { method: string; client: string }[];
let connections: Set<unknown>;
/** Replies that wait until a test lets them go; undefined: none waits. */
let held: ServerResponse[] | undefined;

beforeEach(() => {
  folder = makeFolder();
  taken = [];
  connections = new Set();
  held = undefined;
});
afterEach(async () => {
  await transport?.close();
  await listening?.stop();
  transport = undefined;
  listening = undefined;
  folder.remove();
});

const answer: RequestListener = (request, response) => {
  const { socket } = request;
  const client = socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject?.CN) : "";
  connections.add(socket);
  taken.push({ method: request.method ?? "", client });
  request.resume();
  const reply = () =>
    response.setHeader("Content-Type", "application/json").end(JSON.stringify({ ID: client, EvalID: "" }));
  if (held) {
    held.push(response);
    response.on("go", reply);
  } else request.on("end", reply);
};

/** Serves with `issued`, to clients of this test's CA only. */
async function start(issued = server): Promise<string> {
  listening = await serve(answer, { ...issued, ca: ca.cert, requestCert: true });
  return `https://127.0.0.1:${listening.port}`;
}

const put = (pair: Issued | undefined) => {
  if (pair === undefined) throw new Error("no such certificate");
  folder.replace("client.pem", pair.cert);
  folder.replace("client-key.pem", pair.key);
};

/** A transport whose files are in the folder: `client.pem`, `client-key.pem` and `ca.pem`. */
async function opened(address: string, options: ConnectOptions = {}): Promise<Transport> {
  const at = (name: string) => join(folder.path, name);
  const files = { caCert: at("ca.pem"), clientCert: at("client.pem"), clientKey: at("client-key.pem") };
  transport = await open({ address, tlsServerName: "server.global.nomad", ...files }, options);
  return transport;
}

describe("a client certificate", () => {
  beforeEach(() => {
    folder.write("ca.pem", ca.cert);
    put(clients[0]);
  });

  test("connections are kept for the requests that follow", async () => {
    const nomad = await opened(await start());
    for (let i = 0; i < 20; i++) expect(await ask(nomad)).toEqual({ reply: "client.one" });
    // A request that comes before the one before it is quite done makes another.
    expect(connections.size).toBeLessThan(4);
  });

  test("replaced: the next request shows the new one, and one under way ends on the old", async () => {
    const nomad = await opened(await start());
    expect(await ask(nomad)).toEqual({ reply: "client.one" });
    held = [];
    const slow = ask(nomad);
    await expect.poll(() => held?.length).toBe(1);
    const [waiting] = held;
    held = undefined;
    put(clients[1]);
    expect(await ask(nomad)).toEqual({ reply: "client.two" });
    waiting?.emit("go");
    expect(await slow).toEqual({ reply: "client.one" });
  });

  test("half replaced, cut off, empty or gone: the old one goes on, and the new one is used once it is whole", async () => {
    const nomad = await opened(await start());
    const next = clients[1] ?? server;
    for (const write of [
      () => folder.write("client.pem", next.cert),
      () => folder.write("client.pem", next.cert.slice(0, 200)),
      () => folder.write("client.pem", ""),
      () => rmSync(join(folder.path, "client.pem")),
      () => folder.write("client-key.pem", next.key.slice(0, 60)),
    ]) {
      write();
      expect(await ask(nomad)).toEqual({ reply: "client.one" });
      expect((await nomad.describeTls()).trouble).toMatch(/^NOMAD_CLIENT_(CERT|KEY): /);
    }
    put(next);
    expect(await ask(nomad)).toEqual({ reply: "client.two" });
    expect(await nomad.describeTls()).not.toHaveProperty("trouble");
  });

  test("replaced again and again under load: no request fails, reads and writes arrive once", async () => {
    const nomad = await opened(await start());
    let replacing = true;
    const answers: Answer[] = [];
    const asking = Array.from({ length: 8 }, async (_, worker) => {
      while (replacing) answers.push(await ask(nomad, worker % 2 ? { Job: { ID: "web" } } : undefined));
    });
    for (let i = 0; i < 30; i++) {
      const next = clients[i % 3];
      if (next === undefined) throw new Error("no such certificate");
      const before = answers.length;
      folder.write("client.pem", next.cert);
      await expect.poll(() => answers.length, { interval: 1 }).toBeGreaterThan(before);
      folder.write("client-key.pem", next.key);
    }
    replacing = false;
    await Promise.all(asking);
    expect(answers.filter((each) => !/^client\.(one|two|three)$/.test(each.reply ?? ""))).toEqual([]);
    expect(taken).toHaveLength(answers.length);
    expect(await ask(nomad)).toEqual({ reply: "client.three" });
  });

  test("a file is looked at once a second, not with each request", async () => {
    let now = 0;
    const nomad = await opened(await start(), { every: 1_000, now: () => now });
    put(clients[1]);
    now = 999;
    expect(await ask(nomad)).toEqual({ reply: "client.one" });
    now = 1_000;
    expect(await ask(nomad)).toEqual({ reply: "client.two" });
  });

  test("replaced between two requests that are sent at once: the first still gets its connection", async () => {
    let times: number[] = [];
    const nomad = await opened(await start(), { every: 1_000, now: () => times.shift() ?? 0 });
    put(clients[1]);
    // What the clock says to the first, and to the second, which is the first to find the files due.
    times = [500, 1_000, 1_000];
    const answers = await Promise.all([ask(nomad, { Job: 1 }), ask(nomad, { Job: 2 })]);
    expect(answers).toEqual([{ reply: "client.one" }, { reply: "client.two" }]);
  });

  test("expired: which file and since when; its successor is used by the next request", async () => {
    const old = await ca.issue("client.old", { from: -3, to: -2 });
    put(old);
    const nomad = await opened(await start());
    const { text } = await ask(nomad);
    const since = new Date(new X509Certificate(old.cert).validTo).toISOString().slice(0, 19);
    expect(text).toContain(
      `our client certificate ${folder.path}/client.pem (NOMAD_CLIENT_CERT) expired 2d ago (${since}Z)`,
    );
    expect(taken).toEqual([]);
    put(clients[2]);
    expect(await ask(nomad)).toEqual({ reply: "client.three" });
  });
});

describe("a CA file", () => {
  test("replaced when the server's certificate is of another CA: the request that meets it first succeeds, once", async () => {
    const next = await makeAuthority("The next CA");
    folder.write("ca.pem", ca.cert);
    put(clients[0]);
    const address = await start(await next.issue("server.global.nomad"));
    // Never due: only the refused certificate makes it look at the files again.
    const nomad = await opened(address, { every: Number.POSITIVE_INFINITY });
    expect((await ask(nomad)).text).toContain("issued by CN=The next CA");
    folder.write("ca.pem", next.cert);
    expect(await ask(nomad, { Job: {} })).toEqual({ reply: "client.one" });
    expect(taken).toEqual([{ method: "POST", client: "client.one" }]);
  });

  test("with both CAs, for the time between", async () => {
    const next = await makeAuthority("The next CA");
    folder.write("ca.pem", `The old one:\n${ca.cert}\nand the new one:\n${next.cert}`);
    put(clients[0]);
    const nomad = await opened(await start(await next.issue("server.global.nomad")));
    expect(await ask(nomad)).toEqual({ reply: "client.one" });
  });

  test("a directory: read with all below it, again when a file is added to it", async () => {
    const next = await makeAuthority("The next CA");
    const directory = join(folder.path, "cas");
    // As Kubernetes mounts a secret: the files are links into a directory that is itself behind a link.
    mkdirSync(join(directory, "..2026"), { recursive: true });
    folder.write("cas/..2026/ca.pem", ca.cert);
    symlinkSync("..2026", join(directory, "..data"));
    symlinkSync("..data/ca.pem", join(directory, "ca.pem"));
    put(clients[0]);
    const [clientCert, clientKey] = [join(folder.path, "client.pem"), join(folder.path, "client-key.pem")];
    const address = await start(await next.issue("server.global.nomad"));
    const settings = { address, caPath: directory, clientCert, clientKey, tlsServerName: "server.global.nomad" };
    transport = await open(settings);
    expect((await ask(transport)).text).toContain(`is not signed by a CA in ${directory} (NOMAD_CAPATH)`);
    folder.write("cas/next.pem", next.cert);
    expect(await ask(transport)).toEqual({ reply: "client.one" });
  });

  test("in addition to what Node trusts, where the operator says so", async () => {
    const world = await makeAuthority("A CA of the whole world");
    folder.write("ca.pem", ca.cert);
    const extra = folder.write("world.pem", world.cert);
    put(clients[0]);
    listening = await serve(answer, await world.issue("nomad.example"));
    const address = `https://127.0.0.1:${listening.port}`;
    const settings = { address, caCert: join(folder.path, "ca.pem"), tlsServerName: "nomad.example" };
    const env = { NODE_EXTRA_CA_CERTS: extra };
    transport = await open(settings, { env });
    expect(await ask(transport)).toMatchObject({ kind: "tls" });
    transport = await open({ ...settings, systemCa: true }, { env });
    expect(await ask(transport)).toEqual({ reply: "undefined" });
    transport = await open({ ...settings, systemCa: true }, { env: { NODE_EXTRA_CA_CERTS: "/nowhere" } });
    expect((await ask(transport)).text).toContain("(NOMAD_CACERT), nor by one that Node trusts");
  });
});

describe("files that cannot be used stop the start, with the setting and the file", () => {
  test.each([
    ["NOMAD_CACERT", { "ca.pem": undefined }, "ENOENT"],
    ["NOMAD_CACERT", { "ca.pem": "" }, "holds no certificate"],
    ["NOMAD_CACERT", { "ca.pem": "cut" }, "cut off"],
    ["NOMAD_CACERT", { "ca.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }, "damaged"],
    ["NOMAD_CLIENT_CERT", { "client.pem": "key" }, "holds no certificate"],
    ["NOMAD_CLIENT_KEY", { "client-key.pem": undefined }, "ENOENT"],
    ["NOMAD_CLIENT_KEY", { "client-key.pem": "cert" }, "holds no private key"],
    ["NOMAD_CLIENT_KEY", { "client-key.pem": "other" }, "does not belong to the certificate in"],
    ["NOMAD_CLIENT_KEY", { "client-key.pem": "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" }, "encrypted"],
  ])("%s %j: %s", async (setting, files, why) => {
    const [one, two] = clients;
    const texts: Record<string, string> = { key: one?.key ?? "", cert: one?.cert ?? "", other: two?.key ?? "" };
    folder.write("ca.pem", ca.cert);
    put(one);
    for (const [name, text] of Object.entries(files)) {
      rmSync(join(folder.path, name));
      if (text !== undefined)
        folder.write(name, text === "cut" ? `${ca.cert}${ca.cert.slice(0, 100)}` : (texts[text] ?? text));
    }
    const [file] = Object.keys(files);
    const failing = opened("https://127.0.0.1:1");
    await expect(failing).rejects.toThrow(Refusal);
    await expect(failing).rejects.toThrow(new RegExp(`^${setting}: [^\\n]*${folder.path}/${file}[^\\n]*\\.$`));
    await expect(failing).rejects.toThrow(why);
  });

  test("a directory that is not there, or has nothing in it, or something else", async () => {
    const settings = { address: "https://127.0.0.1:1", caPath: join(folder.path, "cas") };
    await expect(open(settings)).rejects.toThrow(/^NOMAD_CAPATH: the directory .*cas cannot be read \(ENOENT\)\.$/);
    mkdirSync(settings.caPath);
    await expect(open(settings)).rejects.toThrow(/^NOMAD_CAPATH: the directory .*cas is empty\.$/);
    folder.write("cas/README", "Put CAs here.");
    await expect(open(settings)).rejects.toThrow(/^NOMAD_CAPATH: the file .*cas\/README holds no certificate/);
  });

  test("a certificate without a key, or a key without a certificate", async () => {
    const settings = { address: "https://127.0.0.1:1" };
    await expect(open({ ...settings, clientCert: "/a" })).rejects.toThrow(/belong together/);
    await expect(open({ ...settings, clientKey: "/a" })).rejects.toThrow(/belong together/);
  });

  test("called as the operator wrote them", async () => {
    const settings = { address: "https://127.0.0.1:1", caCert: "/nowhere" };
    const failing = open(settings, { name: (key) => `clusters.prod.${key}` });
    await expect(failing).rejects.toThrow(/^clusters\.prod\.caCert: /);
  });
});

test("one file for certificate and key", async () => {
  const [one] = clients;
  const both = folder.write("both.pem", `${one?.key}${one?.cert}`);
  const address = await start();
  const caCert = folder.write("ca.pem", ca.cert);
  transport = await open({ address, caCert, clientCert: both, clientKey: both, tlsServerName: "server.global.nomad" });
  expect(await ask(transport)).toEqual({ reply: "client.one" });
});

test("what is in use can be looked at: both sides, until when, from which file", async () => {
  folder.write("ca.pem", ca.cert);
  put(clients[0]);
  const report = await (await opened(await start())).describeTls();
  expect(report).toMatchObject({
    server: { subject: "CN=server.global.nomad", issuer: "CN=Nomad Agent CA", names: ["server.global.nomad"] },
    client: { subject: "CN=client.one", file: join(folder.path, "client.pem") },
    authorities: [{ subject: "CN=Nomad Agent CA", file: join(folder.path, "ca.pem") }],
  });
  expect(report.client?.validTo).toBe(Date.parse(new X509Certificate(clients[0]?.cert ?? "").validTo));
  // The look shows this server no certificate of ours, which it does not like.
  expect(taken).toEqual([]);
});

describe("a token file", () => {
  test("is read again when it changes; what is no token does not replace one", () => {
    const file = folder.write("token", "first\n");
    const token = tokenFile(file, "NOMAD_MCP_TOKEN_FILE", { every: 0 });
    expect(token()).toBe("first");
    folder.replace("token", "second");
    expect(token()).toBe("second");
    folder.write("token", "");
    expect(token()).toBe("second");
    rmSync(file);
    expect(token()).toBe("second");
    folder.write("token", "third");
    expect(token()).toBe("third");
  });

  test.each([
    ["", "is empty"],
    ["two words", "holds no token"],
    ["two\nlines", "holds no token"],
    ["x".repeat(20_000), "holds no token"],
  ])("stops the start where it holds none, and is not quoted", (text, why) => {
    const file = folder.write("token", text);
    expect(() => tokenFile(file, "NOMAD_MCP_TOKEN_FILE")).toThrow(Refusal);
    expect(() => tokenFile(file, "NOMAD_MCP_TOKEN_FILE")).toThrow(`NOMAD_MCP_TOKEN_FILE: the file ${file} ${why}`);
    expect(() => tokenFile(file, "NOMAD_MCP_TOKEN_FILE")).not.toThrow(/two|xx/);
  });

  test("stops the start where it cannot be read", () => {
    expect(() => tokenFile("/nowhere", "token_file")).toThrow("token_file: the file /nowhere cannot be read (ENOENT).");
  });
});

test("a value is made again only when its files changed", () => {
  const file = folder.write("file", "a");
  let made = 0;
  const source = renewed(
    () => [file],
    () => ({ made: ++made }),
    { every: 0 },
  );
  const first = source.current();
  expect(source.current()).toBe(first);
  expect(source.renew()).toBe(false);
  folder.write("file", "b");
  expect(source.renew()).toBe(true);
  expect(source.current()).toEqual({ made: 2 });
});
