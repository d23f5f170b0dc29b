import { once } from "node:events";
import { Agent, request } from "node:https";
import { connect, type TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Issued, makeAuthority, makeFolder } from "../../support/authority.ts";
import { team } from "../../support/network-server.ts";

const servers = await makeAuthority("CA of servers");
const machines = await makeAuthority("CA of machines");
const others = await makeAuthority("another CA of machines");
const settings = `
[roles.ci]
certificates = ["ci.example.com"]
read_only = true

[roles.viewer]
certificates = ["*.fleet.example.com"]
read_only = true
`;

/** A server that knows machines by their certificates. */
async function mutual(...argv: readonly string[]) {
  const folder = makeFolder();
  const { cert, key } = await servers.issue("localhost");
  folder.replace("ca.pem", machines.cert);
  const tls = [`--tls-cert=${folder.write("cert.pem", cert)}`, `--tls-key=${folder.write("key.pem", key)}`];
  const made = await team({ settings, people: { anna: "viewer" } });
  const server = await made.start("--auth=mtls", ...tls, `--tls-client-ca=${folder.path}/ca.pem`, ...argv);
  onTestFinished(folder.remove);
  const port = Number(new URL(server.url).port);
  const trust = { ca: servers.cert, host: "localhost", port, servername: "localhost" };
  /** Asks who calls; `headers` beside what is usual. */
  const whoami = (client: Partial<Issued>, headers: Record<string, string> = {}, agent: Agent | false = false) =>
    new Promise<{ readonly status: number | undefined; readonly body: Record<string, unknown> }>((resolve, reject) => {
      const asked = request({ ...trust, ...client, path: "/api/v1/whoami", headers, agent }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
      });
      asked.on("error", reject).end();
    });
  return { ...made, folder, server, trust, whoami };
}

describe("a client certificate", () => {
  test("says who calls and what they may, and until when", async () => {
    const { whoami, server } = await mutual();
    const ci = await machines.issue("ci.example.com");
    expect(await whoami(ci)).toMatchObject({
      ...{ status: 200, body: { principal: "ci.example.com", auth: "mtls", role: "ci", read_only: true } },
    });
    const stranger = await machines.issue("web.example.com");
    expect(await whoami(stranger)).toMatchObject({
      ...{ status: 403, body: { detail: expect.stringContaining("of web.example.com has no role here") } },
    });
    expect(server.log.at(-1)).toContain("web.example.com has no role here");
  });

  test("of another CA, and none, end the connection before anything is read", async () => {
    const { whoami } = await mutual();
    await expect(whoami(await others.issue("ci.example.com"))).rejects.toThrow();
    await expect(whoami({})).rejects.toThrow();
  });

  test("says nothing where a Nomad token is shown beside it", async () => {
    const { whoami } = await mutual("--auth=mtls,nomad-token");
    const ci = await machines.issue("ci.example.com");
    const token = "5d9c1e70-3a52-4c1b-8f0e-6b7a2d94c813";
    expect(await whoami(ci)).toMatchObject({ status: 200, body: { auth: "mtls" } });
    expect(await whoami(ci, { "x-nomad-token": token })).toMatchObject({
      ...{ status: 403, body: { detail: expect.stringContaining("no ACLs and takes any token") } },
    });
  });

  test("in a header is nobody's", async () => {
    const { whoami } = await mutual();
    const stranger = await machines.issue("web.example.com");
    const { cert } = await machines.issue("ci.example.com");
    const pem = encodeURIComponent(cert);
    for (const name of [
      "x-forwarded-client-cert",
      "x-ssl-client-cert",
      "client-cert",
      "x-client-dn",
      "ssl-client-s-dn",
    ]) {
      expect((await whoami(stranger, { [name]: pem })).status).toBe(403);
    }
  });

  test("is asked for beside a key, where keys may be shown, which says who calls then", async () => {
    const { whoami, keys } = await mutual("--auth=mtls,keys");
    const ci = await machines.issue("ci.example.com");
    const bearer = { authorization: `Bearer ${keys.anna}` };
    expect(await whoami(ci, bearer)).toMatchObject({ body: { principal: "anna", auth: "key" } });
    expect(await whoami(ci)).toMatchObject({ body: { principal: "ci.example.com", auth: "mtls" } });
    expect((await whoami(ci, { authorization: "Bearer nmcp_wrong" })).status).toBe(401);
    await expect(whoami({}, bearer)).rejects.toThrow();
  });

  test("is verified for each connection: no session is taken up again", async () => {
    const { trust } = await mutual();
    const ci = await machines.issue("ci.example.com");
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const first: TLSSocket = connect({ ...trust, ...ci, maxVersion });
      let session: Buffer | undefined;
      first.on("session", (one) => {
        session = one;
      });
      await once(first, "secureConnect");
      first.end("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      await once(first.resume(), "close");
      session ??= first.getSession();
      const second: TLSSocket = connect({ ...trust, ...ci, maxVersion, ...(session && { session }) });
      await once(second, "secureConnect");
      expect([maxVersion, second.isSessionReused()]).toEqual([maxVersion, false]);
      second.destroy();
    }
  });

  test("of a CA that was taken back is refused, on connections that were open, too", async () => {
    const { whoami, folder, server } = await mutual();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const ci = await machines.issue("ci.example.com");
    expect((await whoami(ci, {}, agent)).status).toBe(200);
    folder.replace("ca.pem", others.cert);
    const renewed = () => server.log.some((line) => line.startsWith("the certificate was renewed"));
    await expect.poll(renewed, { timeout: 5_000 }).toBe(true);
    await expect(whoami(ci, {}, agent)).rejects.toThrow();
    expect(await whoami(await others.issue("ci.example.com"))).toMatchObject({ status: 200 });
  });
});
