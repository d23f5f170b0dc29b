import { isObject } from "../mcp/fault.ts";
import { metaKeys, modern } from "../mcp/modern/revision.ts";
import { protocol } from "../mcp/protocol.data.ts";
import { tlsLines } from "../nomad/cluster/check/tls-text.ts";
import type { ReadSettings } from "../settings/settings.ts";
import { ago, iso, span } from "../text/time.ts";
import { quotedLine } from "../text/untrusted.ts";
import { all, plural } from "../text/words.ts";
import { ask } from "../transports/remote/ask.ts";
import { ServerFault } from "../transports/remote/fault.ts";
import { RemoteServer } from "../transports/remote/server.ts";
import { Way } from "../transports/remote/way.ts";
import { version } from "../version.ts";
import { print } from "./print.ts";
import { reach } from "./reach.ts";

/**
 * `nomad-mcp check URL`: a look at a nomad-mcp server as its clients see it, a line for each fact; it ends at the first step that
 * fails, with what to do. 1 as exit status where one does.
 */
export async function checkServer(url: string, { settings, notices }: ReadSettings): Promise<number> {
  const way = new Way(reach(url, settings, process.env));
  const facts: string[] = [];
  let fault: string | undefined;
  try {
    for await (const fact of look(way)) facts.push(fact);
  } catch (error) {
    if (!(error instanceof ServerFault)) throw error;
    fault = error.message;
  } finally {
    await way.close();
  }
  for (const notice of notices) print(`note: ${notice}`);
  print(`${way.address.url}: ${fault === undefined ? "works" : "cannot be worked with"}`);
  print(`  with: ${way.means.join(", ")}`);
  for (const fact of facts) print(fact);
  if (fault === undefined) return 0;
  print(`  FAILED: ${fault}`);
  return 1;
}

/** The facts in the order in which they are found out. @throws ServerFault at the first step that fails. */
async function* look(way: Way): AsyncGenerator<string> {
  const server = new RemoteServer(way, "nomad-mcp-check");
  yield* tlsLines(await way.describeTls(), Date.now());
  yield* await readiness(server);
  yield* await principal(server);
  const { serverInfo, revisions, asker } = await introduce(server);
  yield `  server: ${named(serverInfo)}, protocol ${revisions.length > 1 ? "revisions" : "revision"} ${all(revisions) || "not told"}`;
  const { tools } = await ask(server, "tools/list", { ...asker });
  yield `  tools: ${Array.isArray(tools) ? tools.length : "not told"}`;
}

/** What a server says of itself, the revisions of the protocol that it speaks, and what requests of the one in use say of who asks. */
interface Introduced {
  readonly serverInfo: unknown;
  readonly revisions: readonly string[];
  readonly asker: { readonly _meta?: Readonly<Record<string, unknown>> };
}

/** As hosts do it: in the revision without sessions where the server speaks it, and in an older one where it does not. */
async function introduce(server: RemoteServer): Promise<Introduced> {
  const clientInfo = { name: "nomad-mcp-check", version };
  const _meta = { [metaKeys.revision]: modern, [metaKeys.client]: clientInfo, [metaKeys.capabilities]: {} };
  const found = await ask(server, "server/discover", { _meta }).catch((error) => {
    if (error instanceof ServerFault) return undefined;
    throw error;
  });
  const { supportedVersions, _meta: about } = found ?? {};
  if (Array.isArray(supportedVersions) && supportedVersions.includes(modern)) {
    const revisions = supportedVersions.filter(isRevision).slice(0, 10);
    return { serverInfo: isObject(about) ? about[metaKeys.server] : undefined, revisions, asker: { _meta } };
  }
  const { serverInfo, protocolVersion } = await ask(server, "initialize", {
    protocolVersion: protocol.latest,
    capabilities: {},
    clientInfo,
  });
  server.agreeOn(protocolVersion);
  return { serverInfo, revisions: [server.revision].filter(isRevision), asker: {} };
}

function isRevision(named: unknown): named is string {
  return typeof named === "string" && /^[\w.-]{1,40}$/.test(named);
}

/** Whether it takes calls; a server that is no nomad-mcp, or of which a proxy shows only MCP, does not say. */
async function readiness(server: RemoteServer): Promise<string[]> {
  const { status, said } = await server.get("/readyz");
  if (status === 503) throw new ServerFault(`The server is not ready${said && `: ${said}`}; look again in a moment.`);
  return status === 200 ? ["  ready: yes"] : [`  ready: not told (${status} from /readyz)`];
}

/** Who the server takes the caller for. @throws ServerFault where it takes them for nobody. */
async function principal(server: RemoteServer): Promise<string[]> {
  const reply = await server.get("/api/v1/whoami");
  if (reply.status === 401) throw server.refused(reply);
  if (reply.status !== 200 || !isObject(reply.data))
    return [`  caller: not told (${reply.status} from /api/v1/whoami)`];
  const { principal: name, auth, role, read_only: readOnly, tools, expires } = reply.data;
  const words = (value: unknown) => quotedLine(String(value), 80);
  return [
    `  caller: ${words(name)}${auth === undefined ? "" : ` (${words(auth)})`}${untilWhen(expires)}`,
    [
      `  role: ${role === undefined ? "none" : words(role)}`,
      ...(readOnly === true ? ["read-only"] : []),
      ...(typeof tools === "number" ? [plural(tools, "tool")] : []),
    ].join(", "),
  ];
}

function untilWhen(expires: unknown): string {
  const time = typeof expires === "string" ? Date.parse(expires) : Number.NaN;
  const now = Date.now();
  if (Number.isNaN(time)) return "";
  return time < now ? `, EXPIRED ${ago(time, now)}` : `, expires in ${span(time - now)} (${iso(time)})`;
}

function named(serverInfo: unknown): string {
  const { name, version: its } = isObject(serverInfo) ? serverInfo : {};
  const words = [name, its].filter((each) => typeof each === "string").map((each) => quotedLine(each, 80));
  return words.join(" ") || "without a name";
}
