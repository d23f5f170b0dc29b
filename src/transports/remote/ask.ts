import type { JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import { isObject } from "../../mcp/fault.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { ServerFault } from "./fault.ts";
import type { RemoteServer } from "./server.ts";

/**
 * Asks a server for one thing and gives its result.
 *
 * @throws ServerFault where none comes, or it is an error.
 */
export async function ask(
  server: RemoteServer,
  method: string,
  params: Record<string, unknown>,
): Promise<Readonly<Record<string, unknown>>> {
  const request: JSONRPCRequest = { jsonrpc: "2.0", id: 1, method, params };
  for await (const message of server.exchange(request, new AbortController().signal)) {
    if ("result" in message && isObject(message.result)) return message.result;
    if ("error" in message) {
      throw new ServerFault(`The server answers ${method} with an error: ${quotedLine(message.error.message)}.`);
    }
  }
  throw new ServerFault(`The server ended the connection before its answer to ${method} was there.`);
}
