import { readFileSync } from "node:fs";
import * as two from "@modelcontextprotocol/client";
import * as extensions from "@modelcontextprotocol/sdk/client/auth-extensions.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeFolder, serve } from "../../support/authority.ts";
import { team } from "../../support/network-server.ts";
import { type Claims, oidcIssuer } from "../../support/oidc-issuer.ts";

const settings = `
[roles.ops]
groups = ["ops"]
confirm = "ask"

[roles.viewer]
groups = ["staff"]
read_only = true
`;

/** A server at which people sign in, with a public address that it is really reached by. */
async function signedIn(...argv: readonly string[]) {
  const taken = await serve(() => {});
  await taken.stop();
  const url = `http://127.0.0.1:${taken.port}`;
  const provider = await oidcIssuer(`${url}/mcp`);
  const made = await team({ settings, people: { ci: "viewer" } });
  const own = [`--listen=127.0.0.1:${taken.port}`, `--public-url=${url}`];
  const server = await made.start("--auth=oidc", `--oidc-issuer=${provider.issuer}`, ...own, ...argv);
  const bearer = (token: string) => ({
    ...{ authorization: `Bearer ${token}`, "content-type": "application/json" },
    accept: "application/json, text/event-stream",
  });
  const as = async (claims: Claims) => bearer(await provider.token(claims));
  const whoami = async (claims: Claims) => await server.ask("/api/v1/whoami", { headers: await as(claims) });
  const call = async (tool: string, args: object, claims: Claims) =>
    await server.ask(`/api/v1/tools/${tool}`, {
      method: "POST",
      headers: await as(claims),
      body: JSON.stringify(args),
    });
  return { ...made, provider, server, url, bearer, whoami, call };
}

const one = { ...extensions, Client, StreamableHTTPClientTransport };
const ops = { groups: ["ops"] };

describe("how a client finds the provider", () => {
  test("a 401 says where the metadata are, and they say where to sign in and for what", async () => {
    const { server, url, provider } = await signedIn("--oidc-scopes=openid,profile");
    const place = `${url}/.well-known/oauth-protected-resource/mcp`;
    for (const path of ["/mcp", "/api/v1/tools/list_nomad_jobs"]) {
      const asked = await server.ask(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      });
      expect(asked.status).toBe(401);
      expect(asked.headers.get("www-authenticate")).toBe(`Bearer resource_metadata="${place}", scope="openid profile"`);
    }
    for (const address of [place, `${url}/.well-known/oauth-protected-resource`]) {
      const asked = await fetch(address);
      expect([asked.status, asked.headers.get("content-type")]).toEqual([200, "application/json"]);
      expect(await asked.json()).toEqual({
        resource: `${url}/mcp`,
        authorization_servers: [provider.issuer],
        bearer_methods_supported: ["header"],
        resource_name: "nomad-mcp",
        scopes_supported: ["openid", "profile"],
      });
    }
    const elsewhere = await fetch(`${url}/.well-known/oauth-authorization-server`);
    expect([elsewhere.status, await elsewhere.json()]).toMatchObject([
      404,
      { detail: "The provider to sign in at is named at /.well-known/oauth-protected-resource." },
    ]);
    expect(server.log.filter((line) => line.includes(".well-known"))).toEqual([]);
  });

  const sdks = { 1: one, 2: two };
  test.each(Object.entries(sdks))(
    "a client of version %s of the SDK that knows only the server's address signs in by itself",
    async (_, { Client, ClientCredentialsProvider, StreamableHTTPClientTransport }) => {
      const { url, provider, demo } = await signedIn();
      const known = { clientId: "bot", clientSecret: "for the provider alone", expectedIssuer: provider.issuer };
      const client = new Client({ name: "test", version: "0" });
      const authProvider = new ClientCredentialsProvider(known);
      await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { authProvider }));
      onTestFinished(() => client.close());
      const { content } = await client.callTool({ name: "list_nomad_jobs", arguments: {} });
      expect(JSON.stringify(content)).toContain("web");
      expect(provider.asked).toContain("/token");
      expect(demo.requests.length).toBeGreaterThan(0);
    },
  );

  test("without sign-in there are no metadata", async () => {
    const { start } = await team();
    const { ask } = await start();
    expect((await ask("/.well-known/oauth-protected-resource")).status).toBe(404);
  });
});

describe("who calls", () => {
  test("whoami says who, with which role and until when", async () => {
    const { whoami } = await signedIn("--oidc-user-claim=email");
    const exp = Math.floor(Date.now() / 1000) + 600;
    expect(await (await whoami({ groups: ["staff"], email: "anna@example.com", exp })).json()).toMatchObject({
      ...{ principal: "anna@example.com", auth: "oidc", role: "viewer", read_only: true },
      expires: new Date(exp * 1000).toISOString(),
    });
  });

  test("groups are those of the token that is shown: another role is another session, and none is a 403 that the log explains", async () => {
    const { whoami, server } = await signedIn();
    expect(await (await whoami(ops)).json()).toMatchObject({ role: "ops" });
    expect(await (await whoami({ groups: ["staff"] })).json()).toMatchObject({ role: "viewer" });
    const none = await whoami({ groups: ["sales"] });
    expect([none.status, none.headers.get("www-authenticate")]).toEqual([403, null]);
    expect((await none.json()) as object).toMatchObject({
      detail: expect.stringContaining("anna-1 has no role here: none of your groups has one"),
    });
    expect(server.log.at(-1)).toMatch(/refused GET \/api\/v1\/whoami of 127\.0\.0\.1: .*\(groups: sales\)$/);
  });

  test("rates and consents are those of a subject, not of a name that two may have", async () => {
    const { call, whoami } = await signedIn("--oidc-user-claim=email", "--rate=3/min");
    const [one, other] = [
      { ...ops, sub: "1", email: "anna@example.com" },
      { ...ops, sub: "2", email: "anna@example.com" },
    ];
    const args = { job_id: "web", wait_seconds: 0 };
    const asked = (await (await call("stop_job", args, one)).json()) as { readonly code: string };
    const stolen = await call("stop_job", { ...args, confirm: asked.code }, other);
    expect([stolen.status, ((await stolen.json()) as { detail: string }).detail]).toEqual([
      409,
      expect.stringContaining("code"),
    ]);
    expect((await call("stop_job", { ...args, confirm: asked.code }, one)).status).toBe(200);
    expect((await whoami(one)).status).toBe(200);
    expect((await whoami(one)).status).toBe(429);
    expect((await whoami(other)).status).toBe(200);
  });

  test("keys may stand beside it, each in its own way", async () => {
    const { whoami, server } = await signedIn("--auth=oidc,keys");
    expect(await (await whoami(ops)).json()).toMatchObject({ principal: "anna-1", auth: "oidc" });
    expect(await (await server.ask("/api/v1/whoami", { who: "ci" })).json()).toMatchObject({
      principal: "ci",
      auth: "key",
    });
    const nobody = await server.ask("/api/v1/whoami");
    expect([nobody.status, nobody.headers.get("www-authenticate")]).toEqual([
      401,
      expect.stringContaining("resource_metadata"),
    ]);
    const wrong = await server.ask("/api/v1/whoami", { headers: { authorization: "Bearer nmcp_wrong" } });
    expect([wrong.status, ((await wrong.json()) as { detail: string }).detail]).toEqual([
      401,
      expect.stringContaining("The key is unknown"),
    ]);
  });

  test("a key opens nothing where it is not asked for", async () => {
    const { server } = await signedIn();
    const asked = await server.ask("/api/v1/whoami", { who: "ci" });
    expect(asked.status).toBe(401);
  });
});

describe("the provider is away", () => {
  test("that is a 503 and no 401, said in the log with why, and not ready until its keys were read", async () => {
    const { provider, server, whoami } = await signedIn();
    expect((await whoami(ops)).status).toBe(200);
    expect((await server.ask("/readyz")).status).toBe(200);
    await provider.down();
    const other = await server.ask("/api/v1/whoami", {
      headers: { authorization: `Bearer ${await provider.token(ops, { kid: "new" })}` },
    });
    // Their keys were read a moment ago: that one is none of them.
    expect(other.status).toBe(401);

    const late = await signedIn(`--oidc-issuer=${provider.issuer}`);
    expect((await late.server.ask("/readyz")).status).toBe(503);
    const asked = await late.server.ask("/mcp", {
      method: "POST",
      headers: late.bearer(await provider.token(ops)),
      body: "{}",
    });
    expect([asked.status, asked.headers.get("retry-after"), asked.headers.get("www-authenticate")]).toEqual([
      503,
      "5",
      null,
    ]);
    expect(JSON.stringify(await asked.json())).not.toContain("ECONNREFUSED");
    expect(late.server.log.filter((line) => line.includes("ECONNREFUSED"))).toEqual([
      expect.stringMatching(/^the keys of the provider .* cannot be read: /),
      expect.stringMatching(/refused POST \/mcp of 127\.0\.0\.1: Whether the token holds cannot be told now/),
    ]);
    await provider.up();
    await expect
      .poll(async () => (await late.server.ask("/readyz")).status, { timeout: 10_000, interval: 500 })
      .toBe(200);
    expect(late.server.log.at(-1)).toMatch(/can be read again$/);
  });
});

test("no token gets into an answer, the log or the audit log, and none is taken from the address", async () => {
  const folder = makeFolder();
  onTestFinished(folder.remove);
  const audit = `${folder.path}/audit.log`;
  const { provider, bearer, ...logged } = await signedIn("--audit=all", `--audit-log=${audit}`);
  const good = await provider.token({ ...ops, email: "anna@example.com" });
  const others = await Promise.all([
    provider.token({ ...ops, exp: 1 }),
    provider.token({ ...ops, aud: "https://other.example" }),
    provider.token({ groups: ["sales"] }),
  ]);
  const answers: string[] = [];
  const ask = async (path: string, token: string, body?: string) => {
    const init = body === undefined ? {} : { method: "POST", body };
    const asked = await logged.server.ask(path, { ...init, headers: bearer(token) });
    answers.push(JSON.stringify([...asked.headers]), await asked.text());
    return asked.status;
  };
  expect(await ask("/api/v1/tools/get_job_status", good, '{"job_id":"web"}')).toBe(200);
  expect(await ask("/api/v1/tools/get_job_status", good, JSON.stringify({ job_id: good }))).toBe(422);
  for (const token of others) expect([401, 403]).toContain(await ask("/api/v1/whoami", token));
  for (const name of ["access_token", "id_token", "token"]) {
    expect(await ask(`/api/v1/whoami?${name}=${good}`, good)).toBe(400);
  }
  await ask(`/api/v1/${good}`, good);
  await ask("/mcp", good, JSON.stringify({ jsonrpc: "2.0", id: 1, method: good }));
  const written = [...answers, logged.server.log.join("\n"), readFileSync(audit, "utf8")].join("\n");
  for (const token of [good, ...others]) {
    const [, claims = "", signature = ""] = token.split(".");
    expect(written).not.toContain(claims);
    expect(written).not.toContain(signature);
  }
  const [line = "{}"] = readFileSync(audit, "utf8").split("\n");
  expect(JSON.parse(line)).toMatchObject({ principal: "anna-1", auth: "oidc", tool: "get_job_status" });
});

test("what Nomad gets has nothing of the token", async () => {
  const heads: string[] = [];
  const nomad = await serve((request, response) => {
    heads.push(request.rawHeaders.join("\n"));
    response.writeHead(404).end();
  });
  onTestFinished(() => nomad.stop());
  const { call } = await signedIn(`--address=http://127.0.0.1:${nomad.port}`);
  await call("list_nomad_jobs", {}, ops);
  expect(heads.length).toBeGreaterThan(0);
  expect(heads.join("\n")).not.toMatch(/eyJ|authorization|bearer/i);
});
