import { once } from "node:events";
import { request } from "node:https";
import { connect, type TLSSocket } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { newKey } from "../../../src/access/keys.ts";
import { serve } from "../../../src/serve.ts";
import { loadSettings } from "../../../src/settings/settings.ts";
import { type Issued, makeAuthority, makeFolder } from "../../support/authority.ts";
import { sendRaw } from "../../support/raw-http.ts";

const authority = await makeAuthority("CA");
const people = await makeAuthority("CA of people");

/** A server with TLS whose files can be replaced. */
async function secure(...argv: readonly string[]) {
  const folder = makeFolder();
  const put = ({ cert, key }: Issued) => {
    folder.replace("cert.pem", cert);
    folder.replace("key.pem", key);
  };
  put(await authority.issue("localhost"));
  const { key, hash } = newKey();
  const keys = folder.write("keys.toml", `[keys.anna]\nhash = "${hash}"\n`);
  const files = [`--tls-cert=${folder.path}/cert.pem`, `--tls-key=${folder.path}/key.pem`, `--keys-file=${keys}`];
  const log: string[] = [];
  const line = (text: string) => void log.push(text);
  const read = await loadSettings(["--demo", "--listen=127.0.0.1:0", ...files, ...argv], {});
  const serving = await serve(read, { info: line, warn: line });
  onTestFinished(async () => {
    const ended = serving.end();
    serving.drop();
    await ended;
    folder.remove();
  });
  const port = Number(new URL(serving.address).port);
  const trust = { ca: authority.cert, host: "localhost", port, servername: "localhost" };
  /** The serial number of the certificate that a new connection is shown. */
  const shown = async (client: Partial<Issued> = {}) => {
    const socket: TLSSocket = connect({ ...trust, ...client });
    await once(socket, "secureConnect");
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };
  const get = (client: Partial<Issued> = {}) =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = request({ ...trust, ...client, path: "/readyz", agent: false }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode));
      });
      asked.on("error", reject).end();
    });
  return { folder, put, log, key, shown, get, port, trust };
}

test("a certificate that is renewed on disk is used for new connections, under load, and no request fails", async () => {
  const { put, log, shown, get } = await secure();
  const first = await shown();
  let asking = true;
  let answered = 0;
  const load = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (asking) {
        expect(await get()).toBe(200);
        answered++;
      }
    }),
  );
  put(await authority.issue("localhost"));
  await expect.poll(() => shown(), { timeout: 10_000 }).not.toBe(first);
  asking = false;
  await load;
  expect(answered).toBeGreaterThan(0);
  expect(log.some((line) => line.startsWith("the certificate was renewed: valid until "))).toBe(true);
});

test("half of a renewal leaves the certificate in use, and the log says so; the other half makes it whole", async () => {
  const { folder, log, shown, get } = await secure();
  const first = await shown();
  const next = await authority.issue("localhost");
  folder.replace("cert.pem", next.cert);
  await expect
    .poll(() => log.filter((line) => line.startsWith("the certificate in use stays:")).length, { timeout: 10_000 })
    .toBe(1);
  expect([await shown(), await get()]).toEqual([first, 200]);
  folder.replace("cert.pem", next.cert.slice(0, 200));
  folder.replace("key.pem", next.key);
  expect(await shown()).toBe(first);
  folder.replace("cert.pem", next.cert);
  await expect.poll(() => shown(), { timeout: 10_000 }).not.toBe(first);
  expect(log.join("\n")).not.toContain("PRIVATE KEY");
});

test("with a client CA only its certificates come in, also after a renewal", async () => {
  const folder = makeFolder();
  const ca = folder.write("ca.pem", people.cert);
  onTestFinished(() => folder.remove());
  const { put, shown, get } = await secure(`--tls-client-ca=${ca}`);
  const anna = await people.issue("anna");
  const stranger = await authority.issue("stranger");
  expect(await get(anna)).toBe(200);
  await expect(get()).rejects.toThrow();
  await expect(get(stranger)).rejects.toThrow();
  const first = await shown(anna);
  put(await authority.issue("localhost"));
  await expect.poll(() => shown(anna), { timeout: 10_000 }).not.toBe(first);
  expect(await get(anna)).toBe(200);
  await expect(get(stranger)).rejects.toThrow();
});

test("who speaks no TLS is let go, and the log says it", async () => {
  const { port, log, get } = await secure();
  expect(await sendRaw(`http://localhost:${port}`, "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")).toBe("");
  await expect.poll(() => log.filter((line) => line.includes(": TLS failed (")).length, { timeout: 5_000 }).toBe(1);
  expect(await get()).toBe(200);
});
