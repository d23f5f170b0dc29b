import type { Fault } from "../../mcp/fault.ts";

/** The answer of MCP to a message that is not carried out. */
export function rpcError(status: number, { id, ...error }: Fault): Response {
  return Response.json({ jsonrpc: "2.0", id, error }, { status });
}
