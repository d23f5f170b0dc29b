import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { type JSONRPCRequest, JSONRPCRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { complaint } from "../../mcp/complaint.ts";
import type { Host } from "../../mcp/toolbox.ts";
import { answerModern, isModernMessage, type ModernSession } from "./modern-route.ts";
import { rpcError } from "./rpc-error.ts";

/** What MCP is spoken with, request by request. */
export interface McpSession extends ModernSession {
  newServer(host?: Partial<Host>): Server;
}

/**
 * Answers one message over Streamable HTTP, each by itself: nothing is kept between requests, so that any replica answers any of
 * them. It ends when the client goes away, and its requests to Nomad with it.
 */
export async function callOverMcp(request: Request, body: string, session: McpSession, host: Host): Promise<Response> {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return rpcError(400, { id: null, code: -32700, message: "The body is not JSON." });
  }
  if (Array.isArray(message)) {
    // Out of the protocol since 2025-06-18, and a way around every limit on calls.
    return rpcError(400, { id: null, code: -32600, message: "Batches are not taken: one message a request." });
  }
  if (isModernMessage(request.headers, message)) return await answerModern(request, message, session, host);
  const parsed = JSONRPCRequestSchema.safeParse(message);
  const call: JSONRPCRequest | undefined = parsed.success ? parsed.data : undefined;
  const fault = call && complaint(call);
  if (fault !== undefined) return rpcError(200, fault);
  return await callSdk(request, message, session.newServer(host), call?.method === "tools/call");
}

/**
 * Answers a message of a revision that the SDK speaks, by a server for it alone. Calls of tools are answered by a stream, which
 * carries their progress; everything else by JSON.
 */
async function callSdk(request: Request, message: unknown, server: Server, isCall: boolean): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: !isCall });
  await server.connect(transport);
  const end = () => void server.close();
  if (request.signal.aborted) end();
  else request.signal.addEventListener("abort", end, { once: true });
  return await transport.handleRequest(request, { parsedBody: message });
}
