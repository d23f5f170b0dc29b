import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { elicitation } from "./elicit.ts";
import type { Method } from "./methods.ts";
import { reporter } from "./progress.ts";
import type { Host } from "./toolbox.ts";
import type { Welcome } from "./welcome.ts";

/**
 * Answers methods over MCP, in the revisions that have sessions. The SDK's low-level server, since arguments, errors and schemas
 * are the toolbox's here. `known`: what is known of the host without its telling, as where each request comes by itself.
 */
export function createMcpServer(
  { serverInfo, capabilities, instructions }: Welcome["initialize"],
  methods: readonly Method[],
  known: Partial<Host> = {},
): Server {
  const server = new Server(serverInfo, { capabilities, ...(instructions !== undefined && { instructions }) });
  for (const { offer } of methods) {
    offer(server, (extra) => ({
      ...known,
      signal: extra.signal,
      elicit: elicitation(server, extra),
      name: server.getClientVersion() ?? known.name,
      // A host that is gone is noticed by the transport; the call itself goes on.
      report: reporter(extra._meta?.progressToken, (told) => void extra.sendNotification(told).catch(() => {})),
    }));
  }
  return server;
}
