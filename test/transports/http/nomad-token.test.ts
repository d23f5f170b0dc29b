import { readFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describe, expect, onTestFinished, test } from "vitest";
import { alertsAt } from "../../support/alerts.ts";
import { type NetworkServer, type TeamOptions, team, told } from "../../support/network-server.ts";
import { nomadWithAcl, saidOf } from "../../support/nomad-acl.ts";
import { Program } from "../../support/program.ts";

const own = "f3a1c9d2-5b7e-4e80-9a66-0d4b8c2e7f15";
const anna = "5d9c1e70-3a52-4c1b-8f0e-6b7a2d94c813";
const ben = "c07e64b2-91d8-4f35-a2c6-18e5f3b07d49";
const boss = "0b6c2a9e-7d14-4f3b-8e21-c5a9d0f47b38";
const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };

/** A server that knows callers by their Nomad tokens: anna may change things, ben reads. It has a token of its own. */
async function tokens({ auth = "nomad-token", ...options }: TeamOptions & { readonly auth?: string } = {}) {
  const made = await team(options);
  const nomad = await nomadWithAcl(made.demo.address);
  nomad.tokens.set(own, saidOf("self", { Name: "server", AccessorID: "3f0c", Policies: ["ops"] }));
  nomad.tokens.set(anna, saidOf("self", { Name: "anna", AccessorID: "a11a", Policies: ["ops"] }));
  nomad.tokens.set(ben, saidOf("self", { Name: "ben", AccessorID: "be22" }));
  nomad.tokens.set(boss, saidOf("self-management"));
  const start = (...argv: readonly string[]) =>
    made.start(`--auth=${auth}`, `--address=${nomad.address}`, `--token=${own}`, ...argv);
  /** The tokens that Nomad saw. */
  const used = () => new Set(nomad.seen.map(([, , token]) => token));
  return { ...made, nomad, start, used };
}

const ask = async (server: NetworkServer, path: string, token?: string, init: RequestInit = {}) =>
  await server.ask(path, { ...init, headers: { ...json, ...init.headers, ...(token && { "x-nomad-token": token }) } });
const call = async (server: NetworkServer, token: string, tool: string, args: object = {}) =>
  await ask(server, `/api/v1/tools/${tool}`, token, { method: "POST", body: JSON.stringify(args) });

/** An MCP client that shows a token. */
async function clientOf(server: NetworkServer, token: string): Promise<Client> {
  const client = new Client({ name: "test", version: "0" });
  const requestInit = { headers: { "x-nomad-token": token } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit }));
  onTestFinished(() => client.close());
  return client;
}

describe("the token that Nomad sees", () => {
  test("is the caller's, whatever they ask for, and never the server's own", async () => {
    const { start, used } = await tokens();
    const server = await start();
    const client = await clientOf(server, anna);
    expect((await client.listTools()).tools.length).toBeGreaterThan(20);
    const completed = await client.complete({
      ref: { type: "ref/prompt", name: "diagnose-job" },
      argument: { name: "job_id", value: "we" },
    });
    expect(completed.completion.values).toContain("web");
    for (const [tool, args] of [
      ["list_nomad_jobs", {}],
      ["get_job_status", { job_id: "web" }],
      ["get_job_logs", { job_id: "web" }],
      ["check_connection", {}],
      ["find_problems", {}],
      ["search_nomad", { query: "web" }],
      ["get_job_status", { job_id: "no-such-job" }],
      ["stop_job", { job_id: "web", wait_seconds: 0 }],
    ] as const) {
      expect(await told(client, tool, args)).not.toBe("");
    }
    const prompt = await client.getPrompt({ name: "diagnose-job", arguments: { job_id: "web" } });
    expect(JSON.stringify(prompt)).toContain("web");
    const { contents } = await client.readResource({ uri: "nomad://default/jobs/default/web" });
    expect(JSON.stringify(contents)).toContain("web");
    expect(used()).toEqual(new Set([anna]));
  });

  test("is that of the one who asks, of two who ask at the same time", async () => {
    const { start, nomad } = await tokens();
    const server = await start();
    const turns = Array.from({ length: 5 }, async () => {
      await call(server, anna, "get_job_status", { job_id: "web" });
      await call(server, ben, "get_job_status", { job_id: "cache" });
    });
    await Promise.all(turns);
    const at = (path: string) => new Set(nomad.seen.filter(([, each]) => each === path).map(([, , token]) => token));
    expect(at("/v1/job/web")).toEqual(new Set([anna]));
    expect(at("/v1/job/cache")).toEqual(new Set([ben]));
    const asked = nomad.seen.filter(([, path]) => path === "/v1/acl/token/self").map(([, , token]) => token);
    expect(asked.sort()).toEqual([anna, ben].sort());
  });

  test("is none where Nomad refuses it: not the server's, which may do that", async () => {
    const { start, nomad, used } = await tokens();
    const server = await start();
    const refused = await call(server, ben, "stop_job", { job_id: "web", wait_seconds: 0 });
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining("needs the capability submit-job") });
    expect(used()).toEqual(new Set([ben]));
    // Taken back within the minute for which it is known: Nomad refuses it all the same.
    nomad.tokens.delete(ben);
    const gone = await call(server, ben, "list_nomad_jobs");
    expect([gone.status, await gone.json()]).toMatchObject([
      422,
      {
        detail:
          "GET /v1/jobs failed: 403 Permission denied\nNomad does not know your token any more (it was taken back, or has expired): show another one in your header X-Nomad-Token.",
      },
    ]);
    expect(used()).toEqual(new Set([ben]));
    expect((await call(server, anna, "stop_job", { job_id: "web", wait_seconds: 0 })).status).toBe(200);
  });

  test("goes to the first cluster and to no other, which is not offered either", async () => {
    const { folder, nomad, demo } = await tokens();
    const other = await nomadWithAcl(demo.address);
    folder.replace(
      "config.toml",
      `[clusters.prod]\naddress = "${nomad.address}"\ntoken = "${own}"\n[clusters.lab]\naddress = "${other.address}"\ntoken = "${own}"\n`,
    );
    // Flags of one cluster would be refused beside several.
    const both = await (await team()).start(`--config=${folder.path}/config.toml`, "--auth=nomad-token");
    const client = await clientOf(both, anna);
    const { tools } = await client.listTools();
    expect(tools.filter(({ inputSchema }) => Object.hasOwn(inputSchema.properties ?? {}, "cluster"))).toEqual([]);
    expect(await told(client, "list_nomad_jobs", {})).toContain("web");
    expect(await told(client, "list_nomad_jobs", { cluster: "lab" })).not.toContain("web");
    await client.readResource({ uri: "nomad://lab/jobs/default/web" }).catch(() => undefined);
    expect(nomad.seen.length).toBeGreaterThan(1);
    expect(other.seen).toEqual([]);
  });

  test("is the server's own where this way is not taken, whatever the header says", async () => {
    const { start, used } = await tokens({ auth: "keys" });
    const server = await start();
    const asked = await server.ask("/api/v1/tools/list_nomad_jobs", {
      ...{ who: "anna", method: "POST", body: "{}" },
      headers: { ...json, "x-nomad-token": ben },
    });
    expect(asked.status).toBe(200);
    expect(used()).toEqual(new Set([own]));
    expect((await ask(server, "/api/v1/whoami", ben)).status).toBe(401);
  });
});

test("a caller through the bridge is whose token the bridge is told to show", async () => {
  const { start, used } = await tokens();
  const { url } = await start();
  const bridge = new Program(["bridge", `${url}/mcp`], { NOMAD_TOKEN: ben, NOMAD_MCP_SEND_TOKEN: "true" });
  onTestFinished(async () => {
    bridge.child.kill("SIGKILL");
    await bridge.end();
  });
  await bridge.initialize();
  const { result } = await bridge.answer(bridge.call("list_nomad_jobs"));
  expect(result?.content?.[0]?.text).toContain("web");
  expect(used()).toEqual(new Set([ben]));
  expect(bridge.stderr).toContain("Nomad token from NOMAD_TOKEN");
  expect(bridge.stderr + bridge.output).not.toContain(ben);
});

describe("who calls", () => {
  test("is told by name and way, until when, with the role of their policy", async () => {
    const settings =
      '[roles.ops]\nnomad_policies = ["ops"]\n[roles.readers]\nnomad_policies = ["*"]\nread_only = true\n';
    const { start, nomad } = await tokens({ settings, people: {} });
    const server = await start(`--keys-file=`);
    const ExpirationTime = new Date(Date.now() + 3_600_000).toISOString();
    nomad.tokens.set(ben, saidOf("self", { Name: "ben", AccessorID: "be22", ExpirationTime }));
    const whoami = async (token: string) => (await ask(server, "/api/v1/whoami", token)).json();
    expect(await whoami(anna)).toMatchObject({ principal: "anna", auth: "nomad-token", role: "ops", read_only: false });
    expect(await whoami(ben)).toMatchObject({
      principal: "ben",
      role: "readers",
      read_only: true,
      expires: ExpirationTime,
    });
    expect((await call(server, ben, "stop_job", { job_id: "web" })).status).toBe(403);
  });

  test("is refused with the header that is needed, and no sign-in", async () => {
    const { start } = await tokens();
    const server = await start();
    for (const headers of [{}, { authorization: `Bearer ${anna}` }, { "x-nomad-token": "nmcp_x" }]) {
      const refused = await server.ask("/mcp", { method: "POST", headers: { ...json, ...headers }, body: "{}" });
      expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
        401,
        'Nomad-Token header="X-Nomad-Token"',
      ]);
      expect(await refused.json()).toMatchObject({ error: { message: expect.stringContaining("X-Nomad-Token") } });
    }
    const management = await ask(server, "/api/v1/whoami", boss);
    expect([management.status, await management.json()]).toMatchObject([
      403,
      { detail: expect.stringContaining("this server takes none") },
    ]);
    expect((await ask(await start("--allow-management"), "/api/v1/whoami", boss)).status).toBe(200);
  });

  test("beside keys: a key is a key, a token a token, both are one too many, and neither is told of both", async () => {
    const { start, used, nomad } = await tokens({ auth: "keys,nomad-token" });
    const server = await start();
    const headers = { ...json, "x-nomad-token": ben };
    expect(await (await server.ask("/api/v1/whoami", { who: "anna" })).json()).toMatchObject({ auth: "key" });
    expect(await (await ask(server, "/api/v1/whoami", ben)).json()).toMatchObject({ auth: "nomad-token" });
    const before = nomad.seen.length;
    const both = await server.ask("/api/v1/whoami", { who: "anna", headers });
    expect([both.status, await both.json()]).toMatchObject([
      400,
      { detail: "Authorization and X-Nomad-Token both say who calls: send the one that is meant, and not the other." },
    ]);
    expect(nomad.seen.length).toBe(before);
    const neither = await server.ask("/api/v1/whoami");
    expect([neither.status, neither.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(await neither.json()).toMatchObject({
      detail: expect.stringMatching(
        /^A key is needed, .* Or show your own Nomad token, in the header X-Nomad-Token\.$/,
      ),
    });
    await call(server, ben, "list_nomad_jobs");
    expect(used()).toEqual(new Set([ben]));
    await server.ask("/api/v1/tools/list_nomad_jobs", { who: "anna", method: "POST", headers: json, body: "{}" });
    expect(used()).toEqual(new Set([ben, own]));
  });

  test("is not known while Nomad is away, which is told as that", async () => {
    const { start, nomad } = await tokens();
    const server = await start("--metrics-listen=127.0.0.1:0");
    await nomad.stop();
    const away = await ask(server, "/api/v1/whoami", anna);
    expect([away.status, away.headers.get("retry-after"), away.headers.get("www-authenticate")]).toEqual([
      503,
      "5",
      null,
    ]);
    expect(server.log.at(-1)).toMatch(/refused GET .*Nomad cannot be asked now whose token this is.*\(.*ECONNREFUSED/);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${server.serving.metrics}/metrics`)).text();
    expect(metrics).toContain('nomad_mcp_nomad_requests_total{cluster="default",outcome="unreachable"}');
    expect(alertsAt(metrics)).toEqual(expect.arrayContaining(["NomadMcpNomadUnreachable", "NomadMcpNobodyKnown"]));
  });

  test("may be asked for by a page that is listed", async () => {
    const { start } = await tokens();
    const server = await start("--allowed-origins=https://inspector.example.com");
    const preflight = await server.ask("/mcp", {
      method: "OPTIONS",
      headers: {
        origin: "https://inspector.example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-nomad-token",
      },
    });
    expect(preflight.headers.get("access-control-allow-headers")).toContain("x-nomad-token");
  });
});

test("guesses reach Nomad sixty times a minute at most, and keep nobody out who is known", async () => {
  const { start, nomad } = await tokens();
  const server = await start();
  expect((await ask(server, "/api/v1/whoami", anna)).status).toBe(200);
  const statuses = new Map<number, number>();
  for (let number = 0; number < 90; number++) {
    const { status } = await ask(
      server,
      "/api/v1/whoami",
      `11111111-2222-3333-4444-${String(number).padStart(12, "0")}`,
    );
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect([...statuses]).toEqual([
    [401, 60],
    [429, 30],
  ]);
  // With hers, which was none.
  expect(nomad.seen.length).toBe(61);
  expect((await ask(server, "/api/v1/whoami", anna)).status).toBe(200);
});

test("neither newcomers nor who is refused again and again keep newcomers of their address out", async () => {
  const { start, nomad } = await tokens();
  const server = await start();
  const whoami = async (token: string) => (await ask(server, "/api/v1/whoami", token)).status;
  const newcomer = (number: number) => `22222222-2222-4333-8444-${String(number).padStart(12, "0")}`;
  const statuses = new Set<number>();
  for (let number = 0; number < 70; number++) {
    nomad.tokens.set(newcomer(number), saidOf("self", { AccessorID: `new-${number}` }));
    statuses.add(await whoami(newcomer(number)));
  }
  expect([...statuses]).toEqual([200]);
  for (let turn = 0; turn < 70; turn++) statuses.add(await whoami(boss));
  expect([...statuses]).toEqual([200, 403, 429]);
  // One that was taken back is looked up seldom, however often it is shown.
  for (let turn = 0; turn < 70; turn++) await whoami("99999999-1111-4222-8333-444444444444");
  expect(await whoami(ben)).toBe(200);
});

test("another caller's token is no secret in an answer, which would confirm it, but in what is written down", async () => {
  const { start, folder } = await tokens({ settings: 'audit = "all"\n' });
  const audit = `${folder.path}/audit.log`;
  const server = await start(`--audit-log=${audit}`);
  for (const token of [anna, ben]) expect((await call(server, token, "list_nomad_jobs")).status).toBe(200);
  const told = async (token: string, job_id: string) =>
    await (await call(server, token, "get_job_status", { job_id })).text();
  expect(await told(anna, ben)).toContain(`no job \\"${ben}\\"`);
  expect(await told(anna, anna)).not.toContain(anna);
  expect(await told(ben, anna)).toContain(anna);
  expect(await told(ben, own)).not.toContain(own);
  const written = server.log.join("\n") + readFileSync(audit, "utf8");
  for (const token of [anna, ben, own]) expect(written).not.toContain(token);
});

test.each([["keys"], ["nomad-token"]])("who is refused has no say in what the log says of them: %s", async (auth) => {
  const { start } = await tokens({ auth });
  const server = await start();
  for (const shown of ["127.0.0.1", "e", "refused", "GET", "/api/v1/whoami", "a.b.c", "header"]) {
    const { status, headers } = await ask(server, "/api/v1/whoami", shown);
    expect(status).toBe(401);
    const line = server.log.at(-1) ?? "";
    expect(line.startsWith(`${headers.get("x-request-id")}: refused GET /api/v1/whoami of 127.0.0.1: `)).toBe(true);
    expect(line).not.toContain("[masked]");
  }
  for (const shown of [anna, `eyJhbGciOiJFUzI1NiJ9.${"a".repeat(40)}.${"b".repeat(40)}`]) {
    await ask(server, `/api/v1/${"x".repeat(70)}/${shown}`, shown);
    await ask(server, `/${shown}`, shown);
    expect(server.log.at(-1)).toContain(" /[masked] of ");
    expect(server.log.at(-2)).not.toContain(shown.slice(0, 12));
  }
});

test("no token gets into an answer, the log, the metrics or the audit log; that has name, way and accessor", async () => {
  const { start, folder } = await tokens({ settings: 'audit = "all"\n' });
  const audit = `${folder.path}/audit.log`;
  const server = await start(`--audit-log=${audit}`, "--metrics-listen=127.0.0.1:0");
  const stranger = "77777777-1111-4222-8333-444444444444";
  const answers: string[] = [];
  const keep = async (asked: Promise<Response>) => {
    const response = await asked;
    answers.push(JSON.stringify([...response.headers]), await response.text());
  };
  for (const token of [anna, boss, stranger]) {
    for (const path of [`/mcp/${token}`, `/api/v1/tools/${token}`, `/mcp?x-nomad-token=${token}`]) {
      await keep(ask(server, path, token));
      await keep(ask(server, path, token, { method: "POST", body: "{}" }));
    }
    await keep(ask(server, "/mcp", token, { method: "POST", body: `{"x": "${token}"` }));
  }
  const client = await clientOf(server, anna);
  for (const written of [anna, anna.toUpperCase(), anna.replaceAll("-", "")]) {
    answers.push(await told(client, "get_job_status", { job_id: written }));
    answers.push(await told(client, "search_nomad", { query: written }));
    answers.push(await told(client, "stop_job", { job_id: written, wait_seconds: 0 }));
    answers.push(await client.callTool({ name: written }).then(JSON.stringify, String));
  }
  await keep(call(server, anna, "check_connection"));
  await keep(ask(server, "/openapi.json", anna));
  await keep(fetch(`${server.serving.metrics}/metrics`));
  const written = { log: server.log.join("\n"), audit: readFileSync(audit, "utf8"), answers: answers.join("\n") };
  expect(written.log).toContain("of anna");
  expect(written.answers).toContain("token: anna (client, accessor a11a)");
  for (const [where, text] of Object.entries(written)) {
    const plain = text.toLowerCase();
    for (const token of [anna, anna.replaceAll("-", ""), boss, stranger, own]) {
      expect(plain.includes(token), `${token} in the ${where}`).toBe(false);
    }
  }
  const [first = ""] = written.audit.split("\n");
  expect(JSON.parse(first)).toMatchObject({
    principal: "anna",
    auth: "nomad-token",
    subject: "a11a",
    nomad_accessor: "a11a",
  });
});
