import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { askModern, metaOf, modernRequest } from "../../support/modern.ts";
import { type NetworkServer, team } from "../../support/network-server.ts";

// Protocol revision 2026-07-28 over HTTP, message by message: what a client sends that keeps to its rules, and what one sends that does not.

type Request = ReturnType<typeof modernRequest>;

async function outcome(server: NetworkServer, request: Request) {
  const { response, read } = await askModern(server, "anna", request);
  const [reply] = await read();
  return { status: response.status, reply };
}

const list = () => modernRequest("tools/list");
const call = (args: Record<string, unknown> = {}) =>
  modernRequest("tools/call", { name: "list_nomad_jobs", arguments: args });

describe("headers", () => {
  const mismatch = (message: string) => ({
    status: 400,
    error: { code: -32020, message: expect.stringContaining(message) },
  });
  const header = (request: Request, name: string, value?: string): Request => {
    const { [name]: _, ...others } = request.headers;
    return { ...request, headers: value === undefined ? others : { ...others, [name]: value } };
  };

  test.each([
    ["no revision", header(list(), "mcp-protocol-version"), "MCP-Protocol-Version is missing"],
    ["an older revision", header(list(), "mcp-protocol-version", "2025-11-25"), 'says "2025-11-25", and the body'],
    ["no method", header(list(), "mcp-method"), 'Mcp-Method is missing, and the body has "tools/list"'],
    ["another method", header(list(), "mcp-method", "tools/call"), 'Mcp-Method says "tools/call"'],
    ["the method in capitals", header(list(), "mcp-method", "TOOLS/LIST"), "Mcp-Method says"],
    ["no name", header(call(), "mcp-name"), 'Mcp-Name is missing, and the body has "list_nomad_jobs"'],
    ["another name", header(call(), "mcp-name", "stop_job"), 'Mcp-Name says "stop_job"'],
    ["a name in base64 that is none", header(call(), "mcp-name", "=?base64?%%?="), "Mcp-Name says"],
    [
      "another address",
      header(modernRequest("resources/read", { uri: "nomad://default/jobs/default/web" }), "mcp-name", "nomad://x"),
      'Mcp-Name says "nomad://x"',
    ],
    [
      "another prompt",
      header(modernRequest("prompts/get", { name: "diagnose-job" }), "mcp-name", "x"),
      "Mcp-Name says",
    ],
  ])("%s: refused before anything is asked of Nomad", async (_, request, message) => {
    const { start, demo } = await team();
    const server = await start();
    const before = demo.requests.length;
    const { status, reply } = await outcome(server, request);
    expect({ status, error: reply?.error }).toEqual(mismatch(message));
    expect(reply).toMatchObject({ id: 7 });
    expect(demo.requests.length).toBe(before);
  });

  test("what a header can say is taken: a name in base64, spaces around it, names of headers in any case", async () => {
    const { start } = await team();
    const server = await start();
    const encoded = `=?base64?${Buffer.from("list_nomad_jobs").toString("base64")}?=`;
    for (const request of [header(call(), "mcp-name", encoded), header(call(), "mcp-name", "  list_nomad_jobs ")]) {
      expect(await outcome(server, request)).toMatchObject({
        status: 200,
        reply: { result: { resultType: "complete" } },
      });
    }
    const { headers, body } = call();
    const capitals = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
    expect(await outcome(server, { headers: capitals, body })).toMatchObject({ status: 200 });
  });

  test("an address beyond ASCII comes in base64", async () => {
    const { start } = await team();
    const uri = "nomad://default/jobs/default/zürich";
    const request = modernRequest("resources/read", { uri });
    const encoded = `=?base64?${Buffer.from(uri).toString("base64")}?=`;
    const { status, reply } = await outcome(await start(), header(request, "mcp-name", encoded));
    expect({ status, code: reply?.error?.code }).toEqual({ status: 200, code: -32602 });
    expect(reply?.error?.message).toContain("zürich");
  });

  test("what is of older revisions only is ignored: no session is made or looked for", async () => {
    const { start } = await team();
    const request = header(header(list(), "mcp-session-id", "abc"), "last-event-id", "4");
    const { response } = await askModern(await start(), "anna", request);
    expect([response.status, response.headers.get("mcp-session-id")]).toEqual([200, null]);
  });
});

describe("what a message says of itself", () => {
  const said = (_meta: Record<string, unknown>, revision = "2026-07-28"): Request => {
    const { headers, body } = call();
    const params = { name: "list_nomad_jobs", arguments: {}, _meta };
    return { headers: { ...headers, "mcp-protocol-version": revision }, body: { ...body, params } };
  };
  const { "io.modelcontextprotocol/protocolVersion": _, ...others } = metaOf();
  const supported = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"];
  const missing = (key: string) => ({
    code: -32602,
    message: `tools/call: params._meta["io.modelcontextprotocol/${key}"] is missing.`,
  });
  const notSpoken = (requested: string) => ({
    code: -32022,
    message: `Protocol revision "${requested}" is not spoken here, so nothing was done: this server speaks 2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05 and 2024-10-07.`,
    data: { supported, requested },
  });

  test.each([
    ["no revision", said(others), missing("protocolVersion")],
    ["nothing", said({}), missing("protocolVersion")],
    [
      "no capabilities",
      said({ "io.modelcontextprotocol/protocolVersion": "2026-07-28" }),
      missing("clientCapabilities"),
    ],
    [
      "a revision that nobody speaks",
      said(metaOf({ "io.modelcontextprotocol/protocolVersion": "2027-01-01" }), "2027-01-01"),
      notSpoken("2027-01-01"),
    ],
    ["one that nobody speaks, in the header alone", said({}, "2027-01-01"), notSpoken("2027-01-01")],
    [
      "one that nobody speaks, and the header another",
      said(metaOf({ "io.modelcontextprotocol/protocolVersion": "2027-01-01" })),
      { code: -32020, message: expect.stringContaining('says "2026-07-28", and the body "2027-01-01"') },
    ],
  ])("%s: refused before anything is asked of Nomad", async (_, request, error) => {
    const { start, demo } = await team();
    const server = await start();
    const before = demo.requests.length;
    expect(await outcome(server, request)).toEqual({ status: 400, reply: { jsonrpc: "2.0", id: 7, error } });
    expect(demo.requests.length).toBe(before);
  });

  test("who asks need not be said", async () => {
    const { start } = await team();
    const { "io.modelcontextprotocol/clientInfo": _, ...nameless } = metaOf();
    expect(await outcome(await start(), said(nameless))).toMatchObject({ status: 200, reply: { result: {} } });
  });

  test.each(["initialize", "ping", "logging/setLevel", "resources/subscribe", "unknown/method"])(
    "%s is no method of this revision",
    async (method) => {
      const { start } = await team();
      const error = { code: -32601, message: "Method not found" };
      expect(await outcome(await start(), modernRequest(method))).toEqual({
        status: 404,
        reply: { jsonrpc: "2.0", id: 7, error },
      });
    },
  );

  test("a notification is taken, a response and several messages are not", async () => {
    const { start } = await team();
    const server = await start();
    const { headers } = list();
    const send = async (body: unknown) => {
      const { response, read } = await askModern(server, "anna", { headers, body: body as Record<string, unknown> });
      return [response.status, (await read())[0]?.error?.code];
    };
    expect(await send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } })).toEqual([
      202,
      undefined,
    ]);
    expect(await send({ jsonrpc: "2.0", id: 7, result: {} })).toEqual([400, -32600]);
    expect(await send([list().body])).toEqual([400, -32600]);
    expect(await send({ ...list().body, id: null })).toEqual([400, -32600]);
  });
});

describe("results", () => {
  test("server/discover tells of the revisions, of what there is, and how long that holds", async () => {
    const { start } = await team();
    const { status, reply } = await outcome(await start(), modernRequest("server/discover"));
    expect(status).toBe(200);
    expect(reply?.result).toEqual({
      resultType: "complete",
      supportedVersions: ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"],
      capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} },
      instructions: expect.stringContaining("Nomad"),
      ttlMs: 300_000,
      cacheScope: "private",
      _meta: {
        "io.modelcontextprotocol/serverInfo": { name: "nomad-mcp", title: "Nomad", version: expect.any(String) },
      },
    });
  });

  test("a role decides what is listed, so that nobody keeps a list for others", async () => {
    const { start } = await team({
      settings: "[roles.viewer]\nread_only = true\n",
      people: { anna: "viewer" },
    });
    const { reply } = await outcome(await start(), list());
    const tools = reply?.result?.tools as readonly { readonly name: string }[];
    expect(tools.map(({ name }) => name)).not.toContain("restart_job");
    expect(reply?.result).toMatchObject({ ttlMs: 300_000, cacheScope: "private" });
  });

  test("progress comes on the stream of the call, which no proxy is to hold back", async () => {
    const { start, clock } = await team();
    const args = { name: "scale_job", arguments: { job_id: "web", group: "web", count: 2 } };
    const asked = askModern(await start(), "anna", modernRequest("tools/call", args, { progressToken: "p" }));
    await clock.advance(30_000);
    const { response, read } = await asked;
    const { headers } = response;
    expect([headers.get("content-type"), headers.get("x-accel-buffering")]).toEqual(["text/event-stream", "no"]);
    const messages = await read();
    expect(messages.length).toBeGreaterThan(1);
    expect(messages.at(-1)).toMatchObject({ id: 7, result: { resultType: "complete" } });
    for (const message of messages.slice(0, -1)) {
      expect(message).toMatchObject({ method: "notifications/progress", params: { progressToken: "p" } });
    }
  });

  test("a subscription is told that nothing of it will come, and ends", async () => {
    const { start } = await team();
    const server = await start();
    const request = modernRequest("subscriptions/listen", { notifications: { toolsListChanged: true } });
    const [told, reply] = await (await askModern(server, "anna", request)).read();
    const _meta = { "io.modelcontextprotocol/subscriptionId": 7 };
    expect(told).toEqual({
      jsonrpc: "2.0",
      method: "notifications/subscriptions/acknowledged",
      params: { _meta, notifications: {} },
    });
    expect(reply).toMatchObject({ id: 7, result: { resultType: "complete", _meta } });
    expect(await outcome(server, modernRequest("subscriptions/listen"))).toMatchObject({
      reply: { error: { code: -32602 } },
    });
  });

  test("a client that closes its stream ends its call, and its requests to Nomad", async () => {
    const { start, folder } = await team({ settings: 'audit = "all"\n' });
    const path = `${folder.path}/audit.log`;
    const server = await start(`--audit-log=${path}`);
    const gone = new AbortController();
    const args = { name: "get_job_logs", arguments: { job_id: "web", follow_seconds: 45 } };
    const asked = askModern(server, "anna", modernRequest("tools/call", args, { progressToken: 1 }), gone.signal);
    const { limits } = server.serving;
    await expect.poll(() => limits.underWay, { timeout: 5_000 }).toBe(1);
    gone.abort();
    await expect((async () => await (await asked).read())()).rejects.toThrow();
    await expect.poll(() => limits.underWay, { timeout: 5_000 }).toBe(0);
    await expect.poll(() => readFileSync(path, "utf8"), { timeout: 5_000 }).toContain('"outcome"');
    // The audit log has who asked as the request itself says it.
    expect(JSON.parse(readFileSync(path, "utf8").split("\n")[0] ?? "")).toMatchObject({
      principal: "anna",
      host: { name: "host", version: "3" },
    });
  });
});
