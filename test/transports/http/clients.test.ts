import { createRequire } from "node:module";
import { Client as NextClient, StreamableHTTPClientTransport as NextTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport as NextStdioTransport } from "@modelcontextprotocol/client/stdio";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeFolder } from "../../support/authority.ts";
import { program } from "../../support/program.ts";
import { served } from "../../support/served.ts";

// The clients that people use, before the built server: what each of them makes of a list, a call, an error, progress, a key that
// is wrong, and too many requests.

interface Asked {
  readonly onprogress?: (progress: { readonly message?: string | undefined }) => void;
  readonly signal?: AbortSignal;
}

/** An MCP client that is connected. */
interface Connected {
  tools(): Promise<readonly string[]>;
  call(name: string, args: Record<string, unknown>, asked?: Asked): Promise<{ isError: boolean; text: string }>;
  /** The revision that it found, where it tells. */
  readonly revision?: string | undefined;
}

interface Reaching {
  /** Connects to the MCP endpoint of a server. */
  connect(url: string, key: string): Promise<Connected>;
  /** The revision that it speaks, where that is the newest; each older one goes the same way. */
  readonly revision?: string;
  /** What people see of a key that is wrong: no list, and this. */
  readonly wrongKey: RegExp;
  readonly tooMany: RegExp;
}

const textOf = (content: unknown) => JSON.stringify(content);

async function first(transport: Transport): Promise<Connected> {
  const client = new Client({ name: "test", version: "0" });
  onTestFinished(() => client.close());
  await client.connect(transport);
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    async call(name, args, asked) {
      const { isError, content } = await client.callTool({ name, arguments: args }, undefined, asked);
      return { isError: isError === true, text: textOf(content) };
    },
  };
}

/** How a client of the SDK's next generation finds a revision: by asking for the newest first, or by that and no other. */
type Negotiation = "auto" | { readonly pin: string };
const pinned = { pin: "2026-07-28" };

async function next(transport: NextTransport | NextStdioTransport, mode: Negotiation): Promise<Connected> {
  const client = new NextClient({ name: "test", version: "0" }, { versionNegotiation: { mode } });
  onTestFinished(() => client.close());
  await client.connect(transport);
  return {
    revision: client.getNegotiatedProtocolVersion(),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    async call(name, args, asked) {
      const { isError, content } = await client.callTool({ name, arguments: args }, asked);
      return { isError: isError === true, text: textOf(content) };
    },
  };
}

/** How a client starts the program. */
function started(args: readonly string[], env: Record<string, string>) {
  const PATH = process.env.PATH ?? "";
  return { command: process.execPath, args: [...args], env: { PATH, ...env }, stderr: "ignore" as const };
}

/** A client of the program that is started, over stdio. */
function starting(args: readonly string[], env: Record<string, string>): Promise<Connected> {
  return first(new StdioClientTransport(started(args, env)));
}

function nextOver(url: string, key: string, mode: Negotiation): Promise<Connected> {
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  return next(new NextTransport(new URL(url), { requestInit }), mode);
}

const unknownKey = /The key is unknown, was taken back or has expired/;
const callAgain = /Too many requests: call again in \d+s\./;

const clients: Readonly<Record<string, Reaching>> = {
  "SDK v1": {
    connect: (url, key) =>
      first(
        new StreamableHTTPClientTransport(new URL(url), {
          requestInit: { headers: { authorization: `Bearer ${key}` } },
        }),
      ),
    wrongKey: unknownKey,
    tooMany: callAgain,
  },
  "SDK v2, which asks for the newest revision first": {
    connect: (url, key) => nextOver(url, key, "auto"),
    revision: pinned.pin,
    wrongKey: /the server requires authorization \(HTTP 401\)/,
    tooMany: callAgain,
  },
  "SDK v2, which speaks the newest revision alone": {
    connect: (url, key) => nextOver(url, key, pinned),
    revision: pinned.pin,
    wrongKey: /the server requires authorization \(HTTP 401\)/,
    tooMany: callAgain,
  },
  "mcp-remote": {
    async connect(url, key) {
      const folder = makeFolder();
      onTestFinished(folder.remove);
      const remote = createRequire(import.meta.url).resolve("mcp-remote/dist/proxy.js");
      // It puts the variable in, since some hosts cut arguments at spaces.
      const args = [remote, url, "--transport", "http-only", "--header", "Authorization:$" + "{AUTHORIZATION}"];
      return await starting(args, { AUTHORIZATION: `Bearer ${key}`, MCP_REMOTE_CONFIG_DIR: folder.path });
    },
    // It looks for a provider to sign in at, and ends: the reason stands in what it prints.
    wrongKey: /Connection closed/,
    tooMany: callAgain,
  },
  "nomad-mcp bridge": {
    connect: (url, key) => starting([program, "bridge", url], { NOMAD_MCP_KEY: key }),
    wrongKey: unknownKey,
    tooMany: callAgain,
  },
  "SDK v2 behind nomad-mcp bridge": {
    connect: (url, key) =>
      next(new NextStdioTransport(started([program, "bridge", url], { NOMAD_MCP_KEY: key })), "auto"),
    revision: pinned.pin,
    wrongKey: unknownKey,
    tooMany: callAgain,
  },
};

describe.each(Object.entries(clients))("%s", (_, { connect, revision, wrongKey, tooMany }) => {
  test("lists, calls, is told errors of tools and progress, gives a call up, and has to wait for too many", async () => {
    const { url, key } = await served("--rate=20/min");
    const client = await connect(`${url}/mcp`, key);
    expect(client.revision).toBe(revision);
    expect(await client.tools()).toEqual(expect.arrayContaining(["list_nomad_jobs", "restart_job"]));
    expect(await client.call("list_nomad_jobs", {})).toEqual({
      isError: false,
      text: expect.stringContaining("5 jobs in namespace default"),
    });
    expect(await client.call("get_job_status", { job_id: "nope" })).toEqual({
      isError: true,
      text: expect.stringContaining("There is no job"),
    });
    const giveUp = new AbortController();
    const told: (string | undefined)[] = [];
    const onprogress: Asked["onprogress"] = ({ message }) => {
      told.push(message);
      giveUp.abort();
    };
    await expect(
      client.call("restart_job", { job_id: "web" }, { onprogress, signal: giveUp.signal }),
    ).rejects.toThrow();
    expect(told).toEqual(["restarting 1 of 3"]);
    const many = async () => {
      for (let call = 0; call < 20; call++) await client.call("list_nomad_jobs", {});
    };
    await expect(many()).rejects.toThrow(tooMany);
  });

  test("does not get in with a key that is wrong", async () => {
    const { url, key } = await served();
    const listed = async () => (await connect(`${url}/mcp`, `${key}x`)).tools();
    await expect(listed()).rejects.toThrow(wrongKey);
  });
});
