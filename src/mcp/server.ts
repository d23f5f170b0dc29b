import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { elicitation } from "./elicit.ts";
import type { Welcome } from "./front.ts";
import { type More, offerMore } from "./more.ts";
import type { Host, Toolbox } from "./toolbox.ts";

/** Progress is shown to people: more often than this, in ms, nobody reads it. */
const progressEvery = 500;

/**
 * Offers a toolbox over MCP. The SDK's low-level server, since arguments, errors and schemas are the toolbox's here. `host`: what
 * is known of the host without its telling, as where each request comes by itself.
 */
export function createMcpServer(
  { serverInfo, capabilities, instructions }: Welcome["initialize"],
  toolbox: Toolbox,
  more: More,
  host: Partial<Host> = {},
): Server {
  const server = new Server(serverInfo, { capabilities, ...(instructions !== undefined && { instructions }) });
  offerMore(server, more, host);
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: toolbox.definitions }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const progressToken = extra._meta?.progressToken;
    let progress = 0;
    let reported = 0;
    return await toolbox.call(params.name, params.arguments, {
      ...host,
      signal: extra.signal,
      elicit: elicitation(server, extra),
      name: server.getClientVersion() ?? host.name,
      report(message) {
        if (progressToken === undefined || Date.now() - reported < progressEvery) return;
        reported = Date.now();
        const notification = {
          method: "notifications/progress" as const,
          params: { progressToken, progress: ++progress, message },
        };
        // A host that is gone is noticed by the transport; the call itself goes on.
        extra.sendNotification(notification).catch(() => {});
      },
    });
  });
  return server;
}
