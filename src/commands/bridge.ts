import { log } from "../log.ts";
import { Bridge } from "../transports/remote/bridge.ts";
import { Way } from "../transports/remote/way.ts";
import { serveStdio, survive } from "../transports/stdio.ts";
import { version } from "../version.ts";
import type { Command } from "./command.ts";
import { reach } from "./reach.ts";

/**
 * `nomad-mcp bridge URL`: MCP over stdio for a server on the network, until the host leaves. For hosts that start a program and
 * reach no server, such as Claude Desktop in a private network.
 */
export const run: Command = async ({ settings, notices }, words) => {
  const [url, ...others] = words;
  if (url === undefined) throw new Error("bridge needs the address of a server: bridge https://host/mcp");
  if (others.length > 0) throw new Error(`bridge takes one address, and no ${JSON.stringify(others[0])}`);
  const way = new Way(reach(url, settings, process.env));
  survive((line) => log.error(way.masked(line)));
  for (const notice of notices) log.warn(notice);
  const bridge = new Bridge(way, (line) => log.info(`${version} bridge: ${line}`));
  await serveStdio(bridge, { isWrite: (tool) => bridge.isWrite(tool), log: (line) => log.warn(line) });
  return 0;
};
