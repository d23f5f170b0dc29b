import type { IncomingMessage, ServerResponse } from "node:http";
import type { TlsOptions } from "node:tls";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { type Listening, serve } from "./authority.ts";

/** A call as the server got it, and whether it was given up before it was answered. */
export interface SeenCall {
  readonly name: string;
  readonly key: string | undefined;
  readonly revision: string | undefined;
  readonly agent: string | undefined;
  abandoned: boolean;
}

/** A stateless MCP server of the SDK's own over real HTTP or HTTPS, at /mcp. */
export interface McpServer extends Listening {
  readonly url: string;
  readonly calls: SeenCall[];
  /** Every request that came, as `POST /mcp`. */
  readonly requests: string[];
  /** Lets calls of `hold` answer. */
  letGo(): void;
}

type Gate = (request: IncomingMessage, response: ServerResponse) => boolean;

/** `gate`: answers a request in the server's place where it returns true. Tools: `echo`, `steps` (with progress), `fat` (so many
 * bytes), and `hold`, which may change something. */
export async function startMcpServer({
  tls,
  gate = () => false,
  port = 0,
  json = false,
}: {
  tls?: TlsOptions;
  gate?: Gate;
  port?: number;
  json?: boolean;
} = {}): Promise<McpServer> {
  const calls: SeenCall[] = [];
  const requests: string[] = [];
  let held: (() => void)[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const server = new Server({ name: "nomad-mcp", version: "9.8.7" }, { capabilities: { tools: {} } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: ["echo", "steps", "hold", "fat"].map((name) => ({
        name,
        inputSchema: { type: "object" as const },
        annotations: { readOnlyHint: name !== "hold" },
      })),
    }));
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, { sendNotification }) => {
      const { authorization, "mcp-protocol-version": revision, "user-agent": agent } = request.headers;
      const key = authorization?.replace(/^Bearer /, "");
      const seen: SeenCall = { name: params.name, key, revision: revision?.toString(), agent, abandoned: false };
      calls.push(seen);
      response.on("close", () => {
        seen.abandoned = !response.writableEnded;
      });
      const progressToken = params._meta?.progressToken;
      if (params.name === "steps" && progressToken !== undefined) {
        for (const progress of [1, 2, 3]) {
          await sendNotification({ method: "notifications/progress", params: { progressToken, progress, total: 3 } });
        }
      }
      if (params.name === "hold") await new Promise<void>((resolve) => held.push(resolve));
      if (params.name === "fat")
        return { content: [{ type: "text", text: "x".repeat(Number(params.arguments?.size)) }] };
      return { content: [{ type: "text", text: JSON.stringify(params.arguments ?? {}) }] };
    });
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: json, maxRequestBodySize: 16 << 20 });
    await server.connect(transport);
    response.on("close", () => void server.close());
    await transport.handleRequest(request, response);
  };

  const listening = await serve(
    (request, response) => {
      requests.push(`${request.method} ${request.url}`);
      if (gate(request, response)) return;
      if (request.url !== "/mcp") response.writeHead(404).end();
      else if (request.method !== "POST") response.writeHead(405).end();
      else void answer(request, response);
    },
    tls,
    undefined,
    port,
  );
  return {
    ...listening,
    // What is issued for tests is for names.
    url: `${tls ? "https://localhost" : "http://127.0.0.1"}:${listening.port}/mcp`,
    calls,
    requests,
    letGo() {
      for (const go of held) go();
      held = [];
    },
  };
}
