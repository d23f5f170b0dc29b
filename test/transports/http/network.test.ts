import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { type NetworkServer, team, told } from "../../support/network-server.ts";

/** A problem as it is answered. */
async function problemOf(response: Response) {
  const body = (await response.json()) as { readonly type: string; readonly detail: string; readonly instance: string };
  return { status: response.status, kind: body.type.split(":").at(-1), detail: body.detail, instance: body.instance };
}

describe("MCP over HTTP", () => {
  test("a client works as over stdio: lists, calls, resources, prompts", async () => {
    const { start, client } = await team();
    const anna = await client("anna", await start());
    expect((await anna.listTools()).tools.length).toBeGreaterThan(20);
    expect(await told(anna, "list_nomad_jobs")).toMatch(/^5 jobs in namespace default/);
    const { contents } = await anna.readResource({ uri: "nomad://default/jobs/default/web" });
    expect(contents[0]).toMatchObject({ text: expect.stringMatching(/^web /) });
    expect((await anna.listPrompts()).prompts.length).toBeGreaterThan(1);
  });

  test("no session is needed: each request is answered by itself", async () => {
    const { start } = await team();
    const { rpc } = await start();
    const response = await rpc("anna", "tools/list");
    expect([response.status, response.headers.get("mcp-session-id")]).toEqual([200, null]);
    expect(await response.json()).toMatchObject({ result: { tools: expect.arrayContaining([expect.anything()]) } });
  });

  test("the address of the Python server is the same endpoint, and its stream is told to be gone", async () => {
    const { start } = await team();
    const { ask } = await start();
    const asked = await ask("/mcp/sse", {
      ...{ who: "anna", method: "POST", body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }) },
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    });
    expect(await asked.json()).toEqual({ jsonrpc: "2.0", id: 1, result: {} });
    const gone = await problemOf(await ask("/mcp/sse", { who: "anna", headers: { accept: "text/event-stream" } }));
    expect(gone).toMatchObject({ status: 410, detail: expect.stringContaining("point the client at /mcp") });
  });

  test.each(["GET", "DELETE", "PUT"])("%s /mcp: MCP is spoken by POST alone", async (method) => {
    const { start } = await team();
    const { ask } = await start();
    const response = await ask("/mcp", { who: "anna", method, headers: { accept: "text/event-stream" } });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("where a client looks for what it might use there is nothing, which is no refusal to be logged", async () => {
    const { start } = await team();
    const { ask, log } = await start();
    const before = log.length;
    for (const place of ["", "/mcp", "/mcp/sse"]) {
      const response = await ask(`${place}/.well-known/openid-configuration`);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(await problemOf(response)).toMatchObject({ status: 404, kind: "unknown" });
    }
    expect((await ask("/.well-known/oauth-protected-resource/mcp")).status).toBe(404);
    expect((await ask("/mcp", { who: "anna", headers: { accept: "text/event-stream" } })).status).toBe(405);
    expect(log.slice(before)).toEqual([]);
    expect((await ask("/mcp")).status).toBe(401);
    expect(log.slice(before)).toHaveLength(1);
  });

  test("what is no message, or several, is refused; what the protocol does not allow is said", async () => {
    const { start } = await team();
    const { ask } = await start();
    const send = async (body: string, type = "application/json") => {
      const headers = { "content-type": type, accept: "application/json, text/event-stream" };
      const response = await ask("/mcp", { who: "anna", method: "POST", headers, body });
      const { error, type: problem } = (await response.json()) as { error?: { code: number }; type?: string };
      return [response.status, problem?.split(":").at(-1) ?? error?.code];
    };
    const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
    expect(await send("{")).toEqual([400, -32700]);
    expect(await send(JSON.stringify([ping, ping]))).toEqual([400, -32600]);
    expect(await send(JSON.stringify({ ...ping, method: "tools/call", params: {} }))).toEqual([200, -32602]);
    expect(await send(JSON.stringify({ ...ping, method: "nothing/here" }))).toEqual([200, -32601]);
    expect(await send(JSON.stringify(ping), "text/plain")).toEqual([415, "media-type"]);
    expect(await send(`"${"x".repeat(2 * 1024 * 1024)}"`)).toEqual([413, "too-large"]);
  });

  test("a body that comes in chunks is taken, and bounded all the same", async () => {
    const { start } = await team();
    const { ask } = await start();
    const send = (text: string) =>
      ask("/mcp", {
        ...{ who: "anna", method: "POST", duplex: "half" },
        headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
        body: new Blob([text]).stream(),
      } as RequestInit & { who: string });
    expect(await (await send('{"jsonrpc":"2.0","id":1,"method":"ping"}')).json()).toMatchObject({ result: {} });
    expect((await send(`"${"x".repeat(3 * 1024 * 1024)}"`)).status).toBe(413);
  });

  test("a client that goes away ends its call, and its requests to Nomad", async () => {
    const { start, client, folder } = await team({ settings: 'audit = "all"\n' });
    const path = `${folder.path}/audit.log`;
    const server = await start(`--audit-log=${path}`);
    const anna = await client("anna", server);
    const call = anna.callTool({ name: "get_job_logs", arguments: { job_id: "web", follow_seconds: 45 } });
    const { limits } = server.serving;
    await expect.poll(() => limits.underWay, { timeout: 5_000 }).toBe(1);
    await anna.close();
    await expect(call).rejects.toThrow();
    await expect.poll(() => limits.underWay, { timeout: 5_000 }).toBe(0);
    // The call itself has an outcome now, and not when its 45 s are over.
    await expect.poll(() => readFileSync(path, "utf8"), { timeout: 5_000 }).toContain('"outcome"');
  });

  test("progress comes on the stream of the call", async () => {
    const { start, client, clock } = await team();
    const anna = await client("anna", await start());
    const messages: string[] = [];
    const call = anna.callTool({ name: "scale_job", arguments: { job_id: "web", group: "web", count: 2 } }, undefined, {
      onprogress: ({ message }) => messages.push(message ?? ""),
    });
    await clock.advance(30_000);
    await call;
    expect(messages.length).toBeGreaterThan(0);
  });
});

describe("who calls", () => {
  test("nobody without a key, and it says how to get one; the log has the reason and no secret", async () => {
    const { start, keys } = await team();
    const { ask, log } = await start();
    const headers = { "content-type": "application/json" };
    const without = await ask("/mcp", { method: "POST", headers, body: "{}" });
    expect(without.headers.get("www-authenticate")).toBe("Bearer");
    expect(await problemOf(without)).toMatchObject({
      status: 401,
      detail: expect.stringContaining("behind the word Bearer"),
    });
    const wrong = await ask("/mcp", {
      method: "POST",
      headers: { ...headers, authorization: `Bearer ${keys.anna}x` },
      body: "{}",
    });
    const { status, instance } = await problemOf(wrong);
    expect([status, wrong.headers.get("x-request-id")]).toEqual([401, instance]);
    expect(log.filter((line) => line.includes("refused POST /mcp of 127.0.0.1")).length).toBe(2);
    expect(log.join("\n")).not.toContain(keys.anna);
  });

  test.each([["/healthz"], ["/readyz"]])("%s is answered to anybody, by any name", async (path) => {
    const { start } = await team();
    const { ask } = await start();
    expect((await ask(path)).status).toBe(200);
  });

  test("a key that is taken out of the file ends with its next call", async () => {
    const { start, keep } = await team({ people: { anna: "", ben: "" } });
    const { rpc } = await start();
    expect((await rpc("ben", "ping")).status).toBe(200);
    keep(["anna"]);
    await expect.poll(async () => (await rpc("ben", "ping")).status, { timeout: 5_000 }).toBe(401);
    expect((await rpc("anna", "ping")).status).toBe(200);
  });

  test("a file of keys that is broken while the server runs is said in the log, once, and so is the next good one", async () => {
    const { start, keep, folder } = await team({ people: { anna: "" } });
    const { rpc, log } = await start();
    const said = (words: string) => log.filter((line) => line.includes(words)).length;
    folder.replace("keys.toml", "[keys.anna]\nhash = 1\n");
    const callAndCount = async (words: string) => {
      expect((await rpc("anna", "ping")).status).toBe(200);
      return said(words);
    };
    await expect.poll(() => callAndCount("the keys in use stay: "), { timeout: 5_000 }).toBe(1);
    keep(["anna"]);
    await expect.poll(() => callAndCount("the keys were read again"), { timeout: 5_000 }).toBe(1);
    expect(said("the keys in use stay: ")).toBe(1);
  });

  test("a session id says nothing of who calls", async () => {
    const { start } = await team();
    const { ask } = await start();
    const headers = { "content-type": "application/json", "mcp-session-id": "00000000-0000-4000-8000-000000000000" };
    expect((await ask("/mcp", { method: "POST", headers, body: "{}" })).status).toBe(401);
  });

  test("whoami says name, role and until when", async () => {
    const { start } = await team({ settings: "[roles.viewer]\nread_only = true\n", people: { anna: "viewer" } });
    const { ask } = await start();
    const said = await (await ask("/api/v1/whoami", { who: "anna" })).json();
    expect(said).toMatchObject({
      principal: "anna",
      auth: "key",
      role: "viewer",
      read_only: true,
      tools: expect.any(Number),
    });
  });

  test("guesses are counted by where they come from: a thousand of them are not looked at", async () => {
    const { start } = await team();
    const { ask, rpc } = await start();
    const headers = (key: number) => ({ "content-type": "application/json", authorization: `Bearer nmcp_${key}` });
    const statuses = new Map<number, number>();
    for (let key = 0; key < 200; key++) {
      const { status } = await ask("/mcp", { method: "POST", headers: headers(key), body: "{}" });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses]).toEqual([
      [401, 60],
      [429, 140],
    ]);
    expect((await rpc("anna", "ping")).status).toBe(200);
  });
});

describe("how much", () => {
  test("requests of one key are counted, and another one's are not", async () => {
    const { start } = await team({ people: { anna: "", ben: "" } });
    const { rpc } = await start("--rate=3/min");
    const statuses: number[] = [];
    for (let number = 0; number < 4; number++) statuses.push((await rpc("anna", "ping")).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await rpc("anna", "ping");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await rpc("ben", "ping")).status).toBe(200);
  });

  test("200 calls of one that wait leave another one's answer as quick as before", async () => {
    const { start, client } = await team({ people: { anna: "", ben: "" } });
    const server = await start();
    const anna = await client("anna", server);
    const ben = await client("ben", server);
    const calls = Array.from({ length: 200 }, () =>
      anna
        .callTool({ name: "get_events", arguments: { wait_seconds: 45 } })
        .then(() => "answered")
        .catch((error: unknown) => String(error)),
    );
    await expect
      .poll(() => server.log.filter((line) => line.includes("Too many calls")).length, { timeout: 10_000 })
      .toBe(192);
    const begun = performance.now();
    expect(await told(ben, "list_nomad_jobs")).toMatch(/^5 jobs/);
    expect(performance.now() - begun).toBeLessThan(1_000);
    await anna.close();
    expect((await Promise.all(calls)).filter((said) => said === "answered")).toEqual([]);
    // Their places are free again.
    await expect.poll(async () => (await server.rpc("anna", "ping")).status, { timeout: 5_000 }).toBe(200);
  });
});

describe("roles", () => {
  const settings = `
[roles.viewer]
read_only = true
[roles.ops]
toolsets = ["jobs"]
disabled_tools = ["stop_job"]
namespaces = ["default"]
`;
  const people = { vera: "viewer", otto: "ops" };

  test("what a role hides is not listed, and refused by name, over MCP and REST alike, in the role's words", async () => {
    const { start, client } = await team({ settings, people });
    const server = await start();
    const names = async (who: string) => (await (await client(who, server)).listTools()).tools.map(({ name }) => name);
    expect(await names("vera")).not.toContain("stop_job");
    expect(await names("otto")).not.toContain("list_nodes");
    const hidden = "stop_job is not offered: your role ops does not have it. Whoever runs this server can change that.";
    expect(await told(await client("otto", server), "stop_job", { job_id: "web" })).toBe(hidden);
    const rest = await server.ask("/api/v1/tools/stop_job", {
      ...{ who: "otto", method: "POST", body: JSON.stringify({ job_id: "web" }) },
      headers: { "content-type": "application/json" },
    });
    expect(await problemOf(rest)).toMatchObject({ status: 403, detail: hidden });
  });

  test("a namespace that a role does not have is off limits, and no variable of the server is named", async () => {
    const { start, client } = await team({ settings, people });
    const otto = await client("otto", await start());
    const said = await told(otto, "get_job_status", { job_id: "web", namespace: "shop" });
    expect(said).toMatchInlineSnapshot(
      `"Namespace shop is off limits: this server may touch only namespace default (your role ops). Nothing was sent to Nomad."`,
    );
    expect(said).not.toMatch(/NOMAD_/);
  });

  test("a role is refused at the start that leaves nothing", async () => {
    const { start } = await team({
      settings: '[roles.none]\ntoolsets = ["jobs"]\nread_only = true\n',
      people: { anna: "none" },
    });
    await expect(start("--toolsets=specs")).rejects.toThrow(
      "No tool is left to offer where your role none narrows the server",
    );
  });
});

describe("two replicas", () => {
  test("a session goes on whichever of them answers, and the consent of one holds on the other, once", async () => {
    const { start, client } = await team({ settings: 'confirm = "ask"\n' });
    const [one, other] = [await start(), await start()];
    const anna = await client("anna", one, other);
    expect(await told(anna, "list_nomad_jobs")).toMatch(/^5 jobs/);
    const ask = await told(await client("anna", one), "stop_job", { job_id: "web", wait_seconds: 0 });
    const [, code] = /confirm=(\w+)/.exec(ask) ?? [];
    const [first, second] = [await client("anna", other), await client("anna", one)];
    const again = { job_id: "web", wait_seconds: 0, confirm: code };
    expect(await told(first, "stop_job", again)).toMatch(/^web stopped/);
    expect(await told(second, "stop_job", again)).toMatch(/^What the call is about has changed|^That code|is stopped/);
  });

  test("the consent of one person is none of another", async () => {
    const { start, client } = await team({ settings: 'confirm = "ask"\n', people: { anna: "", ben: "" } });
    const server = await start();
    const ask = await told(await client("anna", server), "stop_job", { job_id: "web", wait_seconds: 0 });
    const [, code] = /confirm=(\w+)/.exec(ask) ?? [];
    const stolen = await told(await client("ben", server), "stop_job", {
      job_id: "web",
      wait_seconds: 0,
      confirm: code,
    });
    expect(stolen).toMatch(/^That code was given for another call/);
  });
});

describe("the end", () => {
  async function waiting(
    server: NetworkServer,
    client: Awaited<ReturnType<Awaited<ReturnType<typeof team>>["client"]>>,
  ) {
    const call = told(client, "get_job_logs", { job_id: "checkout", follow_seconds: 45 });
    await expect.poll(async () => (await server.ask("/readyz")).status).toBe(200);
    return call;
  }

  test("what waits answers with what it knows, a write is done, new calls are sent elsewhere, and it ends", async () => {
    const { start, client, demo } = await team();
    const server = await start();
    const anna = await client("anna", server);
    const following = waiting(server, anna);
    const events = told(anna, "get_events", { wait_seconds: 45 });
    const writing = told(anna, "stop_job", { job_id: "cache", wait_seconds: 45 });
    const scaling = told(anna, "scale_job", { job_id: "web", group: "web", count: 2, wait_seconds: 45 });
    await expect.poll(() => demo.requests.some(({ method }) => method !== "GET"), { timeout: 5_000 }).toBe(true);
    const begun = performance.now();
    await server.serving.end();
    const [log, told_, stopped, scaled] = await Promise.all([following, events, writing, scaling]);
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(log).not.toMatch(/error|failed to/i);
    expect(told_.length).toBeGreaterThan(0);
    expect(stopped).toMatch(/cache/);
    expect(scaled).toMatch(/web/);
    await expect(server.ask("/readyz")).rejects.toThrow();
  });

  test("a connection that its client keeps does not hold it up once its call has ended", async () => {
    const { start, keys } = await team();
    // So that connections are kept for longer than the time to end.
    const { serving, url } = await start("--behind-proxy=10.0.0.0/8");
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const params = { name: "get_events", arguments: { wait_seconds: 45 } };
    const call = new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${keys.anna}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      };
      const sent = request(`${url}/mcp`, { method: "POST", agent, headers }, (response) => {
        response.resume().once("end", () => resolve(response.statusCode));
      });
      sent.once("error", reject).end(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }));
    });
    await expect.poll(() => serving.limits.underWay).toBe(1);
    const begun = performance.now();
    await serving.end();
    expect(await call).toBe(200);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});

test("the audit log says who, how and from where", async () => {
  const { start, client, folder } = await team({ settings: 'audit = "all"\n' });
  const path = `${folder.path}/audit.log`;
  const server = await start(`--audit-log=${path}`);
  await told(await client("anna", server), "get_job_status", { job_id: "web" });
  const lines = readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ phase, tool }) => [phase, tool])).toEqual([
    ["intent", "get_job_status"],
    ["outcome", "get_job_status"],
  ]);
  expect(lines[0]).toMatchObject({ principal: "anna", auth: "key", peer: "127.0.0.1", request_id: expect.any(String) });
});
