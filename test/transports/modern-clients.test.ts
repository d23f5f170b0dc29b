import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { describe, expect, onTestFinished, test } from "vitest";
import { program } from "../support/program.ts";
import { served } from "../support/served.ts";

// A client that asks its person, in protocol revision 2026-07-28, before the built program: over stdio, over HTTP, and through the bridge.

type ClientTransport = StdioClientTransport | StreamableHTTPClientTransport;

function started(args: readonly string[], env: Record<string, string> = {}): ClientTransport {
  const PATH = process.env.PATH ?? "";
  const command = process.execPath;
  return new StdioClientTransport({ command, args: [program, ...args], env: { PATH, ...env }, stderr: "ignore" });
}

const ways: Readonly<Record<string, () => Promise<ClientTransport>>> = {
  stdio: async () => started(["--demo", "--confirm=ask"]),
  HTTP: async () => {
    const { url, key } = await served("--confirm=ask");
    const requestInit = { headers: { authorization: `Bearer ${key}` } };
    return new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit });
  },
  "the bridge": async () => {
    const { url, key } = await served("--confirm=ask");
    return started(["bridge", `${url}/mcp`], { NOMAD_MCP_KEY: key });
  },
};

describe.each(Object.entries(ways))("over %s", (_, transport) => {
  test.each([
    ["the newest first", "auto" as const],
    ["the newest alone", { pin: "2026-07-28" }],
  ])("a client that asks for %s: its person is asked, and what they say is done", async (_, mode) => {
    const client = new Client(
      { name: "test", version: "0" },
      { versionNegotiation: { mode }, capabilities: { elicitation: { form: {} } } },
    );
    onTestFinished(() => client.close());
    const questions: string[] = [];
    let action: "accept" | "decline" = "decline";
    client.setRequestHandler("elicitation/create", ({ params }) => {
      questions.push(params.message);
      return { action, ...(action === "accept" && { content: { confirm: true } }) };
    });
    await client.connect(await transport());
    expect(client.getNegotiatedProtocolVersion()).toBe("2026-07-28");
    expect(client.getServerVersion()).toMatchObject({ name: "nomad-mcp" });
    expect(client.getInstructions()).toContain("Nomad");
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain("stop_job");
    const stop = async () => {
      const { content, isError } = await client.callTool({ name: "stop_job", arguments: { job_id: "web" } });
      return { isError: isError === true, text: JSON.stringify(content) };
    };
    expect(await stop()).toEqual({ isError: true, text: expect.stringContaining("The person said no.") });
    action = "accept";
    expect(await stop()).toEqual({ isError: false, text: expect.stringContaining("web stopped") });
    expect(questions).toEqual(Array(2).fill(expect.stringMatching(/^Stop web\n(.|\n)*\n\nDo this\?$/)));
    const { contents } = await client.readResource({ uri: "nomad://demo/jobs/default/web" });
    expect(contents[0]).toMatchObject({ text: expect.stringMatching(/^web /) });
  });
});
