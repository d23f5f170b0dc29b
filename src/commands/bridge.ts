import { Refusal } from "../api/errors/refusal.ts";
import { log } from "../log.ts";
import type { ReadSettings } from "../settings/settings.ts";
import { Bridge } from "../transports/remote/bridge.ts";
import { Way } from "../transports/remote/way.ts";
import { serveStdio, survive } from "../transports/stdio.ts";
import { version } from "../version.ts";
import type { Command } from "./command.ts";
import { reach } from "./reach.ts";

/**
 * `nomad-mcp bridge URL`, or no command where NOMAD_MCP_SERVER is set: MCP over stdio for a server on the network, until the
 * host leaves. For hosts that start a program and reach no server, such as Claude Desktop in a private network.
 */
export const run: Command = async (read, words) => {
  const { settings, notices } = read;
  const [url = settings.server, ...others] = words;
  if (url === undefined) throw new Error("bridge needs the address of a server: bridge https://host/mcp");
  if (others.length > 0) throw new Error(`bridge takes one address, and no ${JSON.stringify(others[0])}`);
  refuseUnheeded(read);
  const way = new Way(reach(url, settings, process.env));
  survive((line) => log.error(way.masked(line)));
  for (const notice of notices) log.warn(notice);
  const bridge = new Bridge(way, (line) => log.info(`${version} bridge: ${line}`));
  await serveStdio(bridge, { isWrite: (tool) => bridge.isWrite(tool), log: (line) => log.warn(line) });
  return 0;
};

/**
 * What takes something away is heeded where Nomad is asked, which is at the server. A settings file may be meant for a Nomad that
 * is reached otherwise.
 *
 * @throws Refusal where a flag or variable would take something away, and a bridge would not heed it.
 */
function refuseUnheeded({ origins, file }: ReadSettings): void {
  const unheeded = origins.find(
    ({ setting: { of, restricts, default: usual }, value, from }) =>
      restricts && (of === "session" || of === "both") && value !== usual && from !== file?.path,
  );
  if (unheeded === undefined) return;
  throw new Refusal(
    `${unheeded.from} is not heeded by a bridge: what may be done through the server is what the role of the key allows there. Have the key given such a role, and take ${unheeded.from} out here.`,
  );
}
