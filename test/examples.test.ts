import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describe, expect, test } from "vitest";
import { toolsets } from "../src/tools/index.ts";
import { type Asked, type Block, messagesApi, type Said } from "./support/messages-api.ts";
import { served } from "./support/served.ts";
import { restServer } from "./transports/http/support.ts";

/** Runs an example as people do. */
async function example(name: string, env: Record<string, string>, typed = "") {
  const file = fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
  const own = { ANTHROPIC_API_KEY: "key-of-the-api", MCP_KEY: "key-of-nomad-mcp", PATH: process.env.PATH ?? "" };
  const child = spawn(process.execPath, [file, "Is checkout well?"], { env: { ...own, ...env } });
  child.stdin.end(typed);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { stdout, stderr, code: child.exitCode };
}

/** A model that makes one call, and then repeats what came of it. */
const calling =
  (name: string, input: object) =>
  ({ messages }: Asked): Said => {
    const last = messages.at(-1)?.content ?? "";
    const result = typeof last === "string" ? undefined : last.find(({ type }) => type === "tool_result");
    if (result === undefined) {
      return { content: [{ type: "tool_use", id: "toolu_1", name, input }], stop_reason: "tool_use" };
    }
    const words = `${result.is_error ? "It failed" : "It says"}: ${JSON.stringify(result.content)}`;
    return { content: [{ type: "text", text: words }], stop_reason: "end_turn" };
  };

describe("the tool runner over REST", () => {
  test("calls the tool that Claude asks for, and hands the answer back", async () => {
    const { url, session } = await restServer();
    const offered: unknown[] = [];
    const api = await messagesApi((asked) => {
      offered.push(asked.tools.map((tool) => ("name" in tool ? tool.name : "")));
      return calling("get_job_status", { job_id: "checkout" })(asked);
    });
    const { stdout, stderr, code } = await example("rest-tools.mjs", { ANTHROPIC_BASE_URL: api.url, MCP_URL: url });
    expect({ stderr, code, refused: api.refused }).toEqual({ stderr: "", code: 0, refused: [] });
    expect(stdout).toMatch(/^It says: .*checkout \(service, namespace default\)/);
    // The file has what a server offers that nobody asked for more.
    const optional = toolsets
      .filter(({ name, optIn }) => optIn || name === "library")
      .flatMap(({ tools }) => tools.map(({ name }) => name));
    const names = session.toolbox.definitions.map(({ name }) => name).filter((name) => !optional.includes(name));
    expect(offered).toEqual([names, names]);
  });

  test("offers what the key may use, and tells Claude why a call failed", async () => {
    const { url } = await restServer({ readOnly: true });
    const api = await messagesApi((asked) => {
      expect(JSON.stringify(asked.tools)).not.toContain("stop_job");
      return calling("get_job_status", { job_id: "chekout" })(asked);
    });
    const { stdout, code } = await example("rest-tools.mjs", { ANTHROPIC_BASE_URL: api.url, MCP_URL: url });
    expect({ code, refused: api.refused }).toEqual({ code: 0, refused: [] });
    expect(stdout).toMatch(/^It failed: .*There is no job .*checkout/);
  });

  test.each([
    ["yes", /^It says: .*web stopped/, true],
    ["no", /^It failed: .*The person said no/, false],
    ["", /^It failed: .*The person said no/, false],
  ])("asks the person, who says %j", async (typed, told, stopped) => {
    const { url, demo } = await restServer({ confirm: "ask" });
    const api = await messagesApi(calling("stop_job", { job_id: "web" }));
    const env = { ANTHROPIC_BASE_URL: api.url, MCP_URL: url };
    const { stdout, stderr, code } = await example("rest-tools.mjs", env, typed);
    expect({ code, refused: api.refused }).toEqual({ code: 0, refused: [] });
    expect(stderr).toMatch(/^Stop web\n/);
    expect(stdout).toMatch(told);
    expect(demo.requests.some(({ method }) => method === "DELETE")).toBe(stopped);
  });
});

describe("the MCP connector", () => {
  test("sends the API where the server is and how to get in, and goes on where it paused", async () => {
    const { url, key } = await served();
    const api = await messagesApi(async (asked) => {
      const before = asked.messages.at(-1);
      if (before?.role === "user") return { content: await connect(asked), stop_reason: "pause_turn" };
      return {
        content: [{ type: "text", text: `It says: ${JSON.stringify(before?.content)}` }],
        stop_reason: "end_turn",
      };
    });
    const env = { ANTHROPIC_BASE_URL: api.url, MCP_URL: url, MCP_KEY: key };
    const { stdout, stderr, code } = await example("mcp-connector.mjs", env);
    expect({ stderr, code, refused: api.refused }).toEqual({ stderr: "", code: 0, refused: [] });
    expect(stdout).toMatch(/^It says: .*checkout \(service, namespace default\)/);
  });
});

/** What the API does with the server that a request names: it connects, and calls the tool that Claude asks for. */
async function connect({ mcp_servers: [server] = [] }: Asked): Promise<Block[]> {
  if (server === undefined) throw new Error("mcp_servers: there is none");
  const client = new Client({ name: "anthropic", version: "1" });
  const requestInit = { headers: { Authorization: `Bearer ${server.authorization_token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { requestInit }));
  const { content } = await client.callTool({ name: "get_job_status", arguments: { job_id: "checkout" } });
  await client.close();
  const call = { id: "mcptoolu_1", name: "get_job_status", server_name: server.name, input: { job_id: "checkout" } };
  return [
    { type: "mcp_tool_use", ...call },
    { type: "mcp_tool_result", tool_use_id: call.id, is_error: false, content },
  ];
}
