import { readFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type McpServer, startMcpServer } from "../support/mcp-server.ts";
import { type Message, Program, run } from "../support/program.ts";

// `nomad-mcp bridge`, the built program as a host starts it, before a server of the SDK's own over real HTTP.

const pkg: { version: string } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const key = "nmcp_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
let server: McpServer;
const started: Program[] = [];
afterEach(async () => {
  for (const { child } of started.splice(0)) child.kill("SIGKILL");
  await server.stop();
});

async function bridged(options: Parameters<typeof startMcpServer>[0] = {}): Promise<Program> {
  server = await startMcpServer(options);
  const program = new Program(["bridge", server.url], { NOMAD_MCP_KEY: key });
  started.push(program);
  return program;
}

const textOf = (message: Message) => message.result?.content?.[0]?.text;

describe.each([{ json: false }, { json: true }])("a session, the server answering with %j", (options) => {
  test("initialize, tools/list, calls: as if the server were there, with key and revision", async () => {
    const program = await bridged(options);
    const { result } = await program.initialize();
    expect(result).toMatchObject({
      protocolVersion: "2025-06-18",
      serverInfo: { name: "nomad-mcp", version: "9.8.7" },
    });
    const listed = await program.answer(program.send("tools/list"));
    expect(listed.result?.tools?.map(({ name }) => name)).toEqual(["echo", "steps", "hold", "fat"]);
    const called = await program.answer(program.call("echo", { text: "Zürich\u2028\n" }));
    expect(textOf(called)).toBe('{"text":"Zürich\u2028\\n"}');
    const agent = `test/0 nomad-mcp-bridge/${pkg.version}`;
    expect(server.calls).toEqual([{ name: "echo", key, revision: "2025-06-18", agent, abandoned: false }]);
    expect((await program.answer(program.send("no/such"))).error?.code).toBe(-32601);
    // stdout carries messages and nothing else.
    expect(program.messages.every(({ jsonrpc }) => jsonrpc === "2.0")).toBe(true);
    expect(program.lines).toHaveLength(4);
    expect(server.requests.filter((request) => request !== "POST /mcp")).toEqual([]);
    await program.until(() => program.stderr.includes("\n"), "start line");
    expect(program.stderr).toBe(`nomad-mcp: ${pkg.version} bridge: ready: ${server.url}, key from NOMAD_MCP_KEY\n`);
  });
});

test("progress comes before the answer, in its order", async () => {
  const program = await bridged();
  await program.initialize();
  const id = program.send("tools/call", { name: "steps", arguments: {}, _meta: { progressToken: "p" } });
  await program.answer(id);
  const [, ...told] = program.messages;
  expect(told.map((message) => message.method ?? message.id)).toEqual([...Array(3).fill("notifications/progress"), id]);
  expect(told.slice(0, 3)).toMatchObject([1, 2, 3].map((progress) => ({ params: { progressToken: "p", progress } })));
});

test("twenty calls at once: each has its own answer", async () => {
  const program = await bridged();
  await program.initialize();
  const ids = Array.from({ length: 20 }, (_, n) => program.call("echo", { n }));
  for (const [n, id] of ids.entries()) expect(textOf(await program.answer(id))).toBe(`{"n":${n}}`);
});

test.each([{ json: false }, { json: true }])(
  "9 MiB go through both ways, more than 10 MiB are refused both ways, and the session goes on (%j)",
  async (options) => {
    server = await startMcpServer(options);
    const client = new Client({ name: "test", version: "0" });
    const args = ["dist/nomad-mcp.js", "bridge", server.url];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: "ignore" }));
    const call = (name: string, given: object) => client.callTool({ name, arguments: { ...given } });
    const [size, tooMuch] = [9 * 1024 * 1024, 11 * 1024 * 1024];
    const { content } = await call("echo", { text: "x".repeat(size) });
    expect(JSON.stringify(content).length).toBeGreaterThan(size);
    await expect(call("echo", { text: "x".repeat(tooMuch) })).rejects.toThrow(
      "The message is longer than 10 MiB, the most that is read, so nothing was done.",
    );
    await expect(call("fat", { size: tooMuch })).rejects.toThrow(
      "The answer is longer than 10 MiB, the most that is read: ask for less. The call may have been carried out and was not sent again: look before you repeat it.",
    );
    expect(await client.ping()).toEqual({});
    await client.close();
  },
);

test("what a host cancels ends on the server, without an answer; other calls go on", async () => {
  const program = await bridged();
  await program.initialize();
  const requestId = program.call("hold");
  const other = program.call("hold");
  await vi.waitFor(() => expect(server.calls).toHaveLength(2));
  program.notify("notifications/cancelled", { requestId, reason: "enough" });
  await vi.waitFor(() => expect(server.calls.filter(({ abandoned }) => abandoned)).toHaveLength(1));
  server.letGo();
  expect(textOf(await program.answer(other))).toBe("{}");
  expect((await program.answer(program.send("ping"))).result).toEqual({});
  expect(program.messages.map(({ id }) => id)).not.toContain(requestId);
});

test("what another protocol revision would carry out is refused here, so that the host speaks one that is known", async () => {
  const program = await bridged();
  const _meta = { "io.modelcontextprotocol/protocolVersion": "2099-01-01" };
  expect((await program.answer(program.send("server/discover", { _meta }))).error?.code).toBe(-32022);
  expect((await program.initialize()).result).toMatchObject({ protocolVersion: "2025-06-18" });
});

describe("the host closes stdin", () => {
  test("all at once, as printf does: every call is answered first", async () => {
    server = await startMcpServer();
    const requests = [
      {
        id: 1,
        method: "initialize",
        params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "printf", version: "0" } },
      },
      { method: "notifications/initialized" },
      { id: 2, method: "tools/list" },
      { id: 3, method: "tools/call", params: { name: "echo", arguments: {} } },
    ];
    const input = requests.map((request) => `${JSON.stringify({ jsonrpc: "2.0", ...request })}\n`).join("");
    const { code, program, took } = await run(["bridge", server.url], {}, input);
    expect(program.messages.map(({ id }) => id).sort()).toEqual([1, 2, 3]);
    expect(program.messages.filter(({ error }) => error)).toEqual([]);
    expect(code).toBe(0);
    expect(took).toBeLessThan(4_000);
  });

  test("a call that is never answered: it ends after two seconds, and the call with it", async () => {
    const program = await bridged();
    await program.initialize();
    program.call("hold");
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    program.child.stdin.end();
    const { code, took } = await program.end();
    expect(code).toBe(0);
    expect(took).toBeGreaterThan(1_500);
    expect(took).toBeLessThan(3_500);
    await vi.waitFor(() => expect(server.calls[0]?.abandoned).toBe(true));
  });
});

describe("SIGTERM", () => {
  test("idle: it ends within a second", async () => {
    const program = await bridged();
    await program.initialize();
    program.child.kill("SIGTERM");
    const { code, took } = await program.end();
    expect(code).toBe(0);
    expect(took).toBeLessThan(1_000);
  });

  test("a call of a tool that may change something gets its answer first", async () => {
    const program = await bridged();
    await program.initialize();
    await program.answer(program.send("tools/list"));
    const id = program.call("hold");
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    program.child.kill("SIGTERM");
    // The signal has come before the answer: there is nobody but the program who knows when.
    const late = setTimeout(() => server.letGo(), 300);
    const { code } = await program.end();
    clearTimeout(late);
    expect(code).toBe(0);
    expect(program.messages.find((message) => message.id === id)?.result).toBeDefined();
  });
});

test("the host closes stdout: it ends at the first answer", async () => {
  const program = await bridged();
  await program.initialize();
  program.child.stdout.destroy();
  program.send("ping");
  expect((await program.end()).took).toBeLessThan(1_000);
});

describe("NOMAD_MCP_SERVER", () => {
  test("without a command there is a bridge to it", async () => {
    server = await startMcpServer();
    const program = new Program([], { NOMAD_MCP_SERVER: server.url, NOMAD_MCP_KEY: key });
    started.push(program);
    await program.initialize();
    expect(textOf(await program.answer(program.call("echo", { text: "x" })))).toBe('{"text":"x"}');
    const { code, stdout } = await run(["check"], { NOMAD_MCP_SERVER: server.url, NOMAD_MCP_KEY: key });
    expect(stdout.split("\n", 1)).toEqual([`${server.url}: works`]);
    expect(code).toBe(0);
  });

  test("what would be narrowed and is not stops the start", async () => {
    server = await startMcpServer();
    const env = { NOMAD_MCP_SERVER: server.url, NOMAD_MCP_KEY: key };
    expect(await run([], { ...env, NOMAD_MCP_READ_ONLY: "true" })).toMatchObject({
      code: 1,
      stdout: "",
      stderr:
        "nomad-mcp: NOMAD_MCP_READ_ONLY is not heeded by a bridge: what may be done through the server is what the role of the key allows there. Have the key given such a role, and take NOMAD_MCP_READ_ONLY out here.\n",
    });
    expect(server.requests).toEqual([]);
    // What says nothing but the default takes nothing away.
    const program = new Program([], { ...env, NOMAD_MCP_READ_ONLY: "false" });
    started.push(program);
    expect((await program.initialize()).result).toMatchObject({ serverInfo: { name: "nomad-mcp" } });
  });
});
