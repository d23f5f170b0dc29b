import { log } from "./log.ts";
import { Front } from "./mcp/front.ts";
import type { Secrets } from "./secrets/secrets.ts";
import type { Settings } from "./settings/types.ts";
import { openStart } from "./start.ts";
import { serveStdio, survive } from "./transports/stdio.ts";

/**
 * Speaks MCP over stdio until the host leaves: settings -> start -> front -> transport. The session, which is all the code of
 * the tools, is loaded when a message needs it.
 */
export async function serve(settings: Settings, notices: readonly string[]): Promise<void> {
  let loaded: Promise<Secrets> | undefined;
  // By the session, or by a crash before it: the first answer waits for no mask.
  const secrets = () => {
    loaded ??= import("./secrets/secrets.ts").then(({ createSecrets }) => createSecrets());
    return loaded;
  };
  // What a crash says may quote anything that was at hand.
  survive((line) => {
    secrets().then(
      ({ mask }) => log.error(mask(line)),
      () => log.error("something failed, and what it says could not be masked: withheld"),
    );
  });
  for (const notice of notices) log.warn(notice);
  const warn = (line: string) => log.warn(line);
  const start = await openStart(settings, warn);
  const front = new Front(start.welcome, async () => {
    const [{ createSession }, { complaint }, masking] = await Promise.all([
      import("./session.ts"),
      import("./mcp/complaint.ts"),
      secrets(),
    ]);
    const { newServer, answer } = createSession(start, { warn, secrets: masking });
    return { connect: (transport) => newServer().connect(transport), complaint, answer };
  });
  await serveStdio(front, {
    isWrite: (name) => start.offer.tools.get(name)?.risk !== "read" && start.offer.tools.has(name),
    log: warn,
    release: start.release,
  });
  // Behind what the host has sent by then, which waits for its answer.
  setImmediate(() => log.info(start.line));
}
