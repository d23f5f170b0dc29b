import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, describe, expect, test } from "vitest";
import { complaint } from "../../src/mcp/complaint.ts";
import { type Behind, Front } from "../../src/mcp/front.ts";
import { createSession } from "../../src/session.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { openStart, type Start } from "../../src/start.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function started(env: Record<string, string>): Promise<Start> {
  const start = await openStart(readSettings([], { NOMAD_ADDR: "http://127.0.0.1:9", ...env }).settings, () => {});
  closing.push(start.release);
  return start;
}

/** The server behind a start, as the program has it. */
function behind(start: Start): Behind {
  const { newServer, answer } = createSession(start, { warn() {} });
  return { connect: (transport: Transport) => newServer().connect(transport), complaint, answer };
}

/** One end of a pair whose other end is given to `listen`: sends messages, and has the answer to an id. */
async function talk(listen: (transport: Transport) => Promise<void>) {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const answers = new Map<unknown, (message: JSONRPCMessage) => void>();
  const seen: JSONRPCMessage[] = [];
  ours.onmessage = (message) => {
    seen.push(message);
    if ("id" in message) answers.get(message.id)?.(message);
  };
  await ours.start();
  await listen(theirs);
  let id = 0;
  return {
    seen,
    ask(method: string, params?: Record<string, unknown>): Promise<JSONRPCMessage> {
      const own = ++id;
      const answer = new Promise<JSONRPCMessage>((resolve) => answers.set(own, resolve));
      void ours.send({ jsonrpc: "2.0", id: own, method, ...(params && { params }) });
      return answer;
    },
    tell: (method: string, params?: Record<string, unknown>) =>
      ours.send({ jsonrpc: "2.0", method, ...(params && { params }) }),
  };
}

const hello = (protocolVersion: string, capabilities = {}) => ({
  protocolVersion,
  capabilities,
  clientInfo: { name: "test", version: "1" },
});

/** What a host asks first, with what belongs to it and what does not. */
const firsts: readonly (readonly [method: string, params?: Record<string, unknown>])[] = [
  ["server/discover", { _meta: {} }],
  [
    "initialize",
    hello("2025-11-25", { roots: { listChanged: true }, extensions: { "io.x/ui": { mimeTypes: ["a"] } } }),
  ],
  ["ping"],
  ["ping", { _meta: { progressToken: 3 } }],
  ["prompts/list"],
  ["prompts/list", {}],
  ["resources/templates/list", {}],
  ["tools/list", {}],
];

describe("what the front answers is what the server would", () => {
  test.each([
    [{}],
    [{ NOMAD_MCP_READ_ONLY: "true" }],
    [{ NOMAD_MCP_CONFIRM: "ask" }],
    [{ NOMAD_MCP_TOOLSETS: "specs" }],
    [{ NOMAD_MCP_ENABLED_TOOLS: "get_job_logs" }],
    [{ NOMAD_MCP_DISABLED_TOOLS: "get_job_status,find_problems" }],
    [{ NOMAD_MCP_NAMESPACES: "prod,staging" }],
  ])("%j", async (env) => {
    const start = await started(env);
    let loads = 0;
    const front = await talk((transport) => {
      const load = async () => {
        loads++;
        return behind(start);
      };
      return new Front(start.welcome, load).open(transport);
    });
    const server = createSession(start, { warn() {} }).newServer();
    const straight = await talk((transport) => server.connect(transport));
    for (const [method, params] of firsts) {
      expect(loads).toBe(0);
      expect(await front.ask(method, params)).toEqual(await straight.ask(method, params));
    }
    // The rest of the session is the server's, which knows the host as if it had been there from the start.
    await front.tell("notifications/initialized");
    const list = ["resources/list", { cursor: "?" }] as const;
    expect(await front.ask(...list)).toEqual(await straight.ask(...list));
    expect(loads).toBe(1);
    for (const [method, params] of firsts.slice(2)) {
      expect(await front.ask(method, params)).toEqual(await straight.ask(method, params));
    }
  });

  test("with several clusters, each tool takes one of them", async () => {
    const two = ["one", "two"].map((name) => ({ ...readSettings([], {}).settings.clusters[0], name }));
    const { settings } = readSettings([], { NOMAD_MCP_CONFIRM: "ask" });
    const [first, second] = two;
    if (first === undefined || second === undefined) throw new Error("there are two");
    const start = await openStart({ ...settings, clusters: [first, second] }, () => {});
    closing.push(start.release);
    const server = createSession(start, { warn() {} }).newServer();
    const straight = await talk((transport) => server.connect(transport));
    const front = await talk((transport) => new Front(start.welcome, async () => behind(start)).open(transport));
    for (const method of ["tools/list", "prompts/list", "resources/templates/list"]) {
      expect(await front.ask(method)).toEqual(await straight.ask(method));
    }
  });
});

test.each(["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "1999-01-01"])(
  "initialize of revision %s is agreed on as the server does",
  async (revision) => {
    const start = await started({});
    const front = await talk((transport) => new Front(start.welcome, async () => behind(start)).open(transport));
    const server = createSession(start, { warn() {} }).newServer();
    const straight = await talk((transport) => server.connect(transport));
    expect(await front.ask("initialize", hello(revision))).toEqual(await straight.ask("initialize", hello(revision)));
  },
);

test("an initialize that is not well-formed is the server's to judge, and begins no session", async () => {
  const start = await started({});
  const front = await talk((transport) => new Front(start.welcome, async () => behind(start)).open(transport));
  expect(await front.ask("initialize", { protocolVersion: "2025-11-25", capabilities: {} })).toMatchObject({
    error: { code: -32602, message: "initialize: params.clientInfo is missing." },
  });
  expect(await front.ask("tools/call", { name: "list_nomad_jobs", arguments: {} })).toMatchObject({
    error: { code: -32600, message: expect.stringContaining("tools/call came before initialize") },
  });
});

test("a real host's session goes through, its questions and its capabilities included", async () => {
  const start = await started({});
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await new Front(start.welcome, async () => behind(start)).open(theirs);
  const client = new Client({ name: "host", version: "3" }, { capabilities: { elicitation: { form: {} } } });
  await client.connect(ours);
  expect(client.getInstructions()).toBe(start.welcome.initialize.instructions);
  const { tools } = await client.listTools();
  expect(tools).toEqual(start.welcome.tools.tools);
  const result = await client.callTool({ name: "get_job_status", arguments: {} });
  expect(result).toMatchObject({ isError: true, content: [{ text: "get_job_status: job_id is missing." }] });
});

test("what comes while the server is loaded keeps its order, and nothing is answered twice", async () => {
  const start = await started({});
  let load = (_: Behind) => {};
  const loaded = new Promise<Behind>((resolve) => {
    load = resolve;
  });
  const host = await talk((transport) => new Front(start.welcome, () => loaded).open(transport));
  await host.ask("initialize", hello("2025-11-25"));
  const call = host.ask("tools/call", { name: "nothing", arguments: {} });
  const ping = host.ask("ping");
  load(behind(start));
  expect(await ping).toMatchObject({ result: {} });
  expect(await call).toMatchObject({ result: { isError: true } });
  const ids = host.seen.flatMap((message) => ("id" in message ? [message.id] : []));
  expect(ids.toSorted()).toEqual([1, 2, 3]);
});

test("a server that cannot be loaded answers every request with why", async () => {
  const start = await started({});
  const host = await talk((transport) =>
    new Front(start.welcome, () => Promise.reject(new Error("the part is gone"))).open(transport),
  );
  await host.ask("initialize", hello("2025-11-25"));
  const why = { error: { code: -32603, message: "This server could not be loaded: the part is gone" } };
  expect(await host.ask("tools/call", { name: "list_nomad_jobs", arguments: {} })).toMatchObject(why);
  expect(await host.ask("resources/list")).toMatchObject(why);
});
