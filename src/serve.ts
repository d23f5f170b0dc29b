import { setMaxListeners } from "node:events";
import { openAccess } from "./access/open.ts";
import { readRate } from "./access/rate.ts";
import { readRoles } from "./access/roles.ts";
import { checkPlan } from "./access/start-rules.ts";
import { openStateKeys } from "./access/state-keys.ts";
import type { Cluster } from "./cluster.ts";
import { log } from "./log.ts";
import type { AuditFile } from "./mcp/audit-file.ts";
import type { Metrics } from "./metrics.ts";
import { createService } from "./service.ts";
import type { ReadSettings } from "./settings/settings.ts";
import { openStart, type Start } from "./start.ts";
import { createApp } from "./transports/http/app.ts";
import { openCertificate } from "./transports/http/certificate.ts";
import { doorOf, peerThrough } from "./transports/http/door.ts";
import { createLimits, type Limits } from "./transports/http/limits.ts";
import { type Listener, listen } from "./transports/http/listen.ts";
import { isPrivate, readPlace } from "./transports/http/place.ts";

/** A server on the network that runs. */
export interface Serving {
  /** Where people reach it, without a path. */
  readonly address: string;
  /** Tells it to end: calls under way may, and what waits answers with what it knows. Kept once it has ended. */
  end(): Promise<void>;
  /** Ends it at once. */
  drop(): void;
  /** What is under way. */
  readonly limits: Limits;
  /** Where Prometheus reads, where it may. */
  readonly metrics?: string | undefined;
  /** A line for its log, masked. */
  log(line: string): void;
}

/** Where the lines of the log go. */
export interface Log {
  info(line: string): void;
  warn(line: string): void;
}

/**
 * Serves MCP and REST to many: settings -> roles, keys -> start -> service -> app -> listener.
 *
 * @throws Refusal, with one line that names the setting, for what would stand open or cannot work.
 */
export async function serve(
  { settings: asked, network, file, notices }: ReadSettings,
  to: Log = log,
): Promise<Serving> {
  const { settingName } = network;
  for (const notice of notices) to.warn(notice);
  const place = readPlace(network.listen, settingName("listen"));
  const roles = readRoles(file?.section("roles"), file ?? { place: () => "" }, asked);
  const { demo, readOnly, confirm } = asked;
  checkPlan({
    ...{ network, roles, demo, readOnly, confirm, isPrivate: isPrivate(place) },
    ...{ cluster: asked.clusters[0].name, library: asked.library !== undefined },
  });
  const rate = readRate(network.rate, settingName("rate"));
  const certificate =
    network.tlsCert === undefined || network.tlsKey === undefined
      ? undefined
      : openCertificate({ ...network, cert: network.tlsCert, key: network.tlsKey, clientCa: network.tlsClientCa });
  const watched = (what: string) => (trouble: string | undefined) =>
    trouble === undefined ? to.info(`${what} were read again`) : to.warn(`${what} in use stay: ${trouble}`);
  const stateKeys =
    network.stateKeyFile === undefined
      ? undefined
      : openStateKeys(network.stateKeyFile, settingName("stateKeyFile"), { changed: watched("the state keys") });
  const limits = createLimits();
  const metrics = network.metricsListen === undefined ? undefined : await loadMetrics(limits);
  const { authenticator, metadata, fresh } = await openAccess({
    ...{ network, file, roles, isPrivate: isPrivate(place), log: to },
    keysChanged: watched("the keys"),
    agent: async () => await agentOf(start),
    sent: metrics?.sent,
  });

  const hurry = new AbortController();
  // Every call that waits listens, which is no leak of which Node would warn.
  setMaxListeners(0, hurry.signal);
  const start = await openStart(asked, (line) => to.warn(line), stdout);
  const service = createService(start, {
    log: (line) => to.warn(line),
    hurry: hurry.signal,
    ...(stateKeys && { stateKeys }),
    meter: metrics,
  });
  // What callers are known by is there when the first one comes, or the log says why not.
  authenticator.notReady?.();
  const say = (line: string) => to.info(service.mask(line));
  // A role that leaves nothing is said before anybody calls.
  for (const role of [undefined, ...roles.values()]) service.toolsOf(role);

  const door = doorOf(network, place);
  const app = createApp({
    ...{ door, limits, rest: network.rest },
    ...{ authenticator, metadata },
    sessionOf: (principal) => service.sessionOf(principal),
    allowance: ({ role }) => ({ rate: role?.rate ?? rate, maxCalls: role?.maxCalls ?? network.maxCalls }),
    peerOf: peerThrough(door.proxies),
    isEnding: () => hurry.signal.aborted,
    counted: metrics?.refused,
    log: say,
  });
  const listener = await listen({
    ...{ place, certificate, behindProxy: door.proxies !== undefined, log: say },
    fetch: app.fetch as Parameters<typeof listen>[0]["fetch"],
  });
  const measured = metrics && (await listenForMetrics(network, metrics, say));
  const address = network.publicUrl?.replace(/\/+$/, "") ?? listener.address;
  to.info(start.line);
  to.info(
    `listening on ${listener.address}: MCP at ${address}/mcp${network.rest ? `, REST at ${address}/api/v1` : ""}`,
  );
  if (measured !== undefined) to.info(`metrics at ${measured.address}/metrics`);
  if (fresh !== undefined) sayFreshKey(address, fresh);
  const { drainSeconds } = network;
  const release = async () => {
    // Read until the end: what was under way is in it.
    measured?.drop();
    await measured?.close();
    await start.release();
  };
  return {
    ...ending(listener, { hurry, drainSeconds, release, log: say }),
    ...{ limits, log: say, metrics: measured?.address },
  };
}

/** What counts, which is loaded only where somebody reads it. */
async function loadMetrics(limits: Limits): Promise<Metrics> {
  const { createMetrics } = await import("./metrics.ts");
  return createMetrics(() => limits.underWay);
}

async function listenForMetrics(
  { metricsListen = "", settingName }: ReadSettings["network"],
  { fetch }: Metrics,
  log: (line: string) => void,
): Promise<Listener> {
  const place = readPlace(metricsListen, settingName("metricsListen"));
  return await listen({ ...{ place, certificate: undefined, behindProxy: false, log }, fetch });
}

/** An agent of the cluster of calls that name none. @throws Refusal where its settings cannot be used. */
async function agentOf({ clusters: [first] }: Start): Promise<Cluster> {
  const cluster = "fault" in first ? await first.again() : first;
  if ("fault" in cluster) throw cluster.fault;
  return cluster;
}

/** The first try works, and nothing is open: it goes to the person who started the server, and nowhere else. */
function sayFreshKey(address: string, key: string): void {
  const add = `claude mcp add --transport http nomad ${address}/mcp --header "Authorization: Bearer ${key}"`;
  // Claude Code reaches no socket.
  const lines = [
    "nomad-mcp: no keys are set; one for this run alone:",
    key,
    ...(address.startsWith("http") ? [add] : []),
  ];
  process.stderr.write(`${lines.join("\n  ")}\n`);
}

/** The audit log on stdout, where no protocol is spoken. */
const stdout: AuditFile = {
  file: "stdout",
  setting: "NOMAD_MCP_AUDIT_LOG",
  write: (line) => void process.stdout.write(line),
};

/** What a server ends with. */
interface Ending {
  readonly hurry: AbortController;
  readonly drainSeconds: number;
  release(): Promise<void>;
  log(line: string): void;
}

/** How a server ends that listens. */
function ending(
  listener: Listener,
  { hurry, drainSeconds, release, log }: Ending,
): Omit<Serving, "limits" | "log" | "metrics"> {
  let ended: Promise<void> | undefined;
  const drain = async () => {
    log(`ending: calls under way have ${drainSeconds}s`);
    hurry.abort();
    const timer = setTimeout(() => {
      log("the time to end is over: what is under way is cut off");
      listener.drop();
    }, drainSeconds * 1000);
    await listener.close();
    clearTimeout(timer);
    await release();
  };
  return {
    address: listener.address,
    end() {
      ended ??= drain();
      return ended;
    },
    drop: () => listener.drop(),
  };
}
