import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { readAddress } from "./api/connect/address.ts";
import { NomadError } from "./api/errors/errors.ts";
import { explain } from "./api/errors/explain.ts";
import { Refusal } from "./api/errors/refusal.ts";
import { type Cluster, type Clusters, heal, openClusters } from "./cluster.ts";
import { instructions, type Offered } from "./instructions.ts";
import { log } from "./log.ts";
import { openAudit } from "./mcp/audit.ts";
import type { Where } from "./mcp/definition.ts";
import { createPrompts } from "./mcp/prompts.ts";
import { createResources } from "./mcp/resources.ts";
import { createMcpServer } from "./mcp/server.ts";
import { createToolbox, type Toolbox } from "./mcp/toolbox.ts";
import { lookAtToken } from "./nomad/cluster/check/denied.ts";
import type { NomadClient } from "./nomad-client.ts";
import { clusterArgument, nomadPrompts } from "./prompts/index.ts";
import { createCompleters, type OpenCluster } from "./resources/completers.ts";
import { nomadResources, reads } from "./resources/index.ts";
import { createSecrets, type Secrets } from "./secrets/secrets.ts";
import type { ClusterSettings, Settings } from "./settings/types.ts";
import { toolsets } from "./tools/index.ts";
import { serveStdio, survive } from "./transports/stdio.ts";
import { version } from "./version.ts";

/** A session's parts: what it offers, and how to give back what it holds. */
export interface Session {
  readonly toolbox: Toolbox;
  /** What the host's log says at the start. */
  readonly startLine: string;
  /** The server of this session, not yet connected to a transport. */
  readonly server: Server;
  /** Ends its connections, and the demo cluster where there is one. */
  release(): Promise<void>;
}

/**
 * settings -> cluster -> toolbox -> server. `warn` gets one line per failed call, `secrets` notes what passes.
 *
 * @throws Refusal where a file that a setting names cannot be read; Refused where the gates name what does not exist.
 */
export async function openSession(
  asked: Settings,
  warn: (line: string) => void = () => {},
  secrets: Secrets = createSecrets(),
): Promise<Session> {
  const demo = asked.demo ? await (await import("demo-cluster")).startDemoCluster() : undefined;
  const settings: Settings = demo ? demoSettings(asked, demo.address) : asked;
  const clusters = await openClusters(settings.clusters, secrets, demo ? { env: {} } : {});
  const { settingName, auditLog } = settings;
  const names = settings.clusters.map(({ name }) => name);
  const showing = { mask: secrets.mask, digests: ["job_file", "variables", "payload"] };
  const toolbox = createToolbox({
    toolsets,
    reads,
    gates: settings,
    gateNames: gateNames(settingName),
    clusters: names,
    confirm: settings.confirm,
    audit: auditLog ? openAudit({ file: auditLog, setting: settingName("auditLog"), showing, log: warn }) : undefined,
    showing,
    place({ cluster: name, namespace }) {
      const { settings: own } = pick(clusters, name);
      return { cluster: placeName(own, clusters), namespace: namespace ?? own.namespace };
    },
    open(call, where) {
      const context = () => {
        const { transport, settings: own } = usable(clusters, where);
        return { ...call, nomad: clientOf(clusters, where).forCall(call), transport, settingName: own.settingName };
      };
      const cluster = pick(clusters, where.cluster);
      return "fault" in cluster ? heal(clusters, cluster).then(context) : context();
    },
    async explain(error, where) {
      const isDenied = error instanceof NomadError && error.kind === "forbidden";
      return explain(error, isDenied ? await lookAtToken(clientOf(clusters, where), error) : undefined);
    },
    isRefusal: (error) => error instanceof Refusal,
    masking: secrets.forCall,
    log: warn,
    greeting: settings.demo ? demoGreeting : undefined,
  });
  const about = { name: "nomad-mcp", title: "Nomad", version };
  const open: OpenCluster = (where, signal) => clientOf(clusters, where).within(signal);
  const completers = createCompleters(open, names);
  const server = createMcpServer(about, instructions(offered(settings, clusters, toolbox)), toolbox, {
    resources: createResources(toolbox, nomadResources(completers, names, open, secrets.mask)),
    prompts: createPrompts(
      toolbox,
      nomadPrompts(completers),
      names.length > 1 ? clusterArgument(completers) : undefined,
    ),
  });
  const release = async () => {
    const closing = clusters.flatMap((cluster) => ("fault" in cluster ? [] : [cluster.transport.close()]));
    await Promise.all([...closing, demo?.stop()]);
  };
  return { toolbox, server, startLine: startLine(settings, clusters), release };
}

/** The cluster of a call: the one that it names, else the first. */
function pick(clusters: Clusters, name: string | undefined): Clusters[number] {
  return clusters.find(({ settings }) => settings.name === name) ?? clusters[0];
}

/** The cluster of a call or a completion. @throws Refusal where its settings cannot be used. */
function usable(clusters: Clusters, where: Partial<Where>): Cluster {
  const cluster = pick(clusters, where.cluster);
  if ("fault" in cluster) throw cluster.fault;
  return cluster;
}

/** The client for what a call or a completion names. @throws Refusal as {@link usable}. */
function clientOf(clusters: Clusters, where: Partial<Where>): NomadClient {
  const { nomad, settings } = usable(clusters, where);
  return nomad.in(where.namespace ?? settings.namespace);
}

/** A cluster as people know it: the name that they gave it among several, else its address. */
function placeName(settings: ClusterSettings, clusters: Clusters): string {
  const cluster = pick(clusters, settings.name);
  const address = "fault" in cluster ? readAddress(settings.address).shown : cluster.transport.address;
  return clusters.length > 1 ? `${settings.name} (${address})` : address;
}

/** What the operator calls the gates. */
export function gateNames(settingName: Settings["settingName"]) {
  return {
    readOnly: settingName("readOnly"),
    toolsets: settingName("toolsets"),
    enabledTools: settingName("enabledTools"),
    disabledTools: settingName("disabledTools"),
  };
}

/** Speaks MCP over stdio until the host leaves. */
export async function serve(settings: Settings, notices: readonly string[]): Promise<void> {
  const secrets = createSecrets();
  // What a crash says may quote anything that was at hand.
  survive((line) => log.error(secrets.mask(line)));
  for (const notice of notices) log.warn(notice);
  const session = await openSession(settings, (line) => log.warn(line), secrets);
  await serveStdio(session.server, {
    isWrite: (name) =>
      session.toolbox.definitions.some((tool) => tool.name === name && !tool.annotations?.readOnlyHint),
    log: (line) => log.warn(line),
    release: session.release,
  });
  log.info(session.startLine);
}

const demoGreeting =
  "This is the embedded demo cluster (--demo): it lives in this process's memory, no real Nomad is touched.";

/** Of a real cluster's settings nothing is used against the demo, its token least of all. */
export function demoSettings(asked: Settings, address: string): Settings {
  const [{ namespaces, settingName }] = asked.clusters;
  const demo: ClusterSettings = {
    ...{ name: "demo", address, namespace: namespaces?.[0] ?? "default", skipVerify: false, systemCa: false },
    ...{ readOnly: asked.readOnly, settingName },
    ...(namespaces && { namespaces }),
  };
  return { ...asked, clusters: [demo] };
}

function offered(settings: Settings, clusters: Clusters, { definitions }: Toolbox): Offered {
  const about = ({ settings: own }: Clusters[number]) => ({ ...own, place: placeName(own, clusters) });
  const [first, ...others] = clusters;
  const names = new Set(definitions.map(({ name }) => name));
  const { demo, readOnly, confirm } = settings;
  return { demo, readOnly, confirm, clusters: [about(first), ...others.map(about)], offers: (tool) => names.has(tool) };
}

function startLine(settings: Settings, clusters: Clusters): string {
  const parts = clusters.map((cluster) => {
    const { namespace, token, tokenFile, readOnly } = cluster.settings;
    const address = placeName(cluster.settings, clusters);
    return [
      settings.demo ? `demo cluster at ${address}` : address,
      "fault" in cluster ? cluster.fault.message : undefined,
      "fault" in cluster || !cluster.transport.proxy ? undefined : `through the proxy ${cluster.transport.proxy}`,
      `namespace ${namespace}`,
      token ? "token set" : tokenFile ? "token from a file" : "no token",
      readOnly && "read-only",
    ]
      .filter(Boolean)
      .join(", ");
  });
  return `${version} ready: ${parts.join("; ")}`;
}
