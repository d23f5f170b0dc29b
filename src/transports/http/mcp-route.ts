import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { type JSONRPCRequest, JSONRPCRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { complaint } from "../../mcp/complaint.ts";
import type { Host } from "../../mcp/toolbox.ts";

/** What MCP is spoken with, request by request. */
export interface McpSession {
  newServer(host?: Partial<Host>): Server;
}

/**
 * Answers one message over Streamable HTTP, by a server of its own: nothing is kept between requests, so that any replica answers
 * any of them. It ends when the client goes away, and its requests to Nomad with it. Calls of tools are answered by a
 * stream, which carries their progress; everything else by JSON.
 */
export async function callOverMcp(request: Request, body: string, session: McpSession, host: Host): Promise<Response> {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return rpcError(400, null, -32700, "The body is not JSON.");
  }
  if (Array.isArray(message)) {
    // Out of the protocol since 2025-06-18, and a way around every limit on calls.
    return rpcError(400, null, -32600, "Batches are not taken: one message a request.");
  }
  const parsed = JSONRPCRequestSchema.safeParse(message);
  const call: JSONRPCRequest | undefined = parsed.success ? parsed.data : undefined;
  const fault = call && complaint(call);
  if (fault !== undefined) return rpcError(200, fault.id, fault.code, fault.message);
  const server = session.newServer(host);
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: call?.method !== "tools/call" });
  await server.connect(transport);
  const end = () => void server.close();
  if (request.signal.aborted) end();
  else request.signal.addEventListener("abort", end, { once: true });
  return await transport.handleRequest(request, { parsedBody: message });
}

function rpcError(status: number, id: string | number | null, code: number, message: string): Response {
  return Response.json({ jsonrpc: "2.0", id, error: { code, message } }, { status });
}
