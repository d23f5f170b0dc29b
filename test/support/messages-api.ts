import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import * as z from "zod";

const cache = z.strictObject({ type: z.literal("ephemeral") }).optional();
const ownTool = z.strictObject({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().min(1),
  input_schema: z.looseObject({ type: z.literal("object"), properties: z.record(z.string(), z.looseObject({})) }),
  cache_control: cache,
});
const toolset = z.strictObject({ type: z.literal("mcp_toolset"), mcp_server_name: z.string(), cache_control: cache });
const block = z.looseObject({ type: z.string() });
const message = z.strictObject({
  role: z.enum(["user", "assistant"]),
  content: z.union([z.string().min(1), z.array(block).min(1)]),
});
const body = z.strictObject({
  model: z.string().regex(/^claude-/),
  max_tokens: z.int().min(1),
  messages: z.array(message).min(1),
  tools: z.array(z.union([toolset, ownTool])).min(1),
  mcp_servers: z
    .array(z.strictObject({ type: z.literal("url"), name: z.string(), url: z.url(), authorization_token: z.string() }))
    .optional(),
  stream: z.literal(false).optional(),
});

/** A request, which the API would take. */
export type Asked = z.infer<typeof body>;
export type Block = z.infer<typeof block>;

/** What Claude says to a request. */
export interface Said {
  readonly content: readonly Block[];
  readonly stop_reason: "end_turn" | "tool_use" | "pause_turn";
}

/**
 * Stands in for the Messages API, as far as its reference says what it refuses: headers, members, tools, the order of messages, and
 * which results belong to which calls. `claude` plays the model. Ends with the test.
 */
export async function messagesApi(claude: (asked: Asked) => Promise<Said> | Said) {
  const refused: string[] = [];
  const server = createServer(async (request, response) => {
    const reply = (status: number, value: object) =>
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
    try {
      const asked = await readAsked(request);
      const usage = { input_tokens: 1, output_tokens: 1 };
      const { content, stop_reason } = await claude(asked);
      const said = { id: "msg_1", type: "message", role: "assistant", model: asked.model, content, stop_reason };
      reply(200, { ...said, stop_sequence: null, usage });
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      refused.push(words);
      reply(400, { type: "error", error: { type: "invalid_request_error", message: words } });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, refused };
}

async function readAsked(request: IncomingMessage): Promise<Asked> {
  const { headers, method, url = "" } = request;
  if (method !== "POST" || !/^\/v1\/messages(\?|$)/.test(url))
    throw new Error(`${method} ${url}: there is no such path`);
  if (!/^Bearer \S+$/.test(headers.authorization ?? "")) throw new Error("an API key is required");
  if (!/^\d{4}-\d\d-\d\d$/.test(String(headers["anthropic-version"])))
    throw new Error("anthropic-version: is required");
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const asked = body.parse(JSON.parse(Buffer.concat(chunks).toString()));
  const betas = String(headers["anthropic-beta"] ?? "").split(",");
  const connects = asked.mcp_servers !== undefined || asked.tools.some((tool) => "mcp_server_name" in tool);
  if (connects && !betas.includes("mcp-client-2025-11-20"))
    throw new Error("mcp_servers: Extra inputs are not permitted");
  checkTools(asked);
  checkMessages(asked);
  return asked;
}

function checkTools({ tools, mcp_servers: servers = [] }: Asked): void {
  const names = tools.map((tool) => ("name" in tool ? tool.name : tool.mcp_server_name));
  if (new Set(names).size < names.length) throw new Error("tools: Tool names must be unique.");
  const sets = tools.flatMap((tool) => ("mcp_server_name" in tool ? [tool.mcp_server_name] : []));
  if (
    sets.sort().join() !==
    servers
      .map(({ name }) => name)
      .sort()
      .join()
  ) {
    throw new Error("mcp_servers: each has to be referenced by exactly one MCP toolset");
  }
}

function checkMessages({ messages }: Asked): void {
  let open: unknown[] = [];
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== (index % 2 === 0 ? "user" : "assistant"))
      throw new Error("messages: roles must alternate, user first");
    const blocks = typeof content === "string" ? [] : content;
    const results = blocks.filter(({ type }) => type === "tool_result").map(({ tool_use_id }) => tool_use_id);
    if (results.join() !== open.join()) throw new Error("tool_use ids must be followed by tool_result blocks at once");
    open = role === "assistant" ? blocks.filter(({ type }) => type === "tool_use").map(({ id }) => id) : [];
  }
}
