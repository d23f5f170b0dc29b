import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { NomadError } from "./api/errors/errors.ts";
import { explain } from "./api/errors/explain.ts";
import { failedAs } from "./api/errors/failed-as.ts";
import type { CallerToken } from "./api/request/connection.ts";
import { createClients, type Shared } from "./clients.ts";
import { type Cluster, type Clusters, heal } from "./cluster.ts";
import { createAudit } from "./mcp/audit.ts";
import type { Codes } from "./mcp/consent-codes.ts";
import type { Where } from "./mcp/definition.ts";
import type { MeasuredCall } from "./mcp/ended.ts";
import { createMethods } from "./mcp/methods.ts";
import { type Answerer, createAnswerer } from "./mcp/modern/answer.ts";
import { createPrompts } from "./mcp/prompts.ts";
import { createResources } from "./mcp/resources.ts";
import { createMcpServer } from "./mcp/server.ts";
import { createToolbox, type Host, type Toolbox } from "./mcp/toolbox.ts";
import { lookAtToken } from "./nomad/cluster/check/denied.ts";
import type { NomadClient } from "./nomad-client.ts";
import { clusterArgument, nomadPrompts } from "./prompts/index.ts";
import { createCompleters, type OpenCluster } from "./resources/completers.ts";
import { nomadResources } from "./resources/index.ts";
import { createSecrets, type Secrets } from "./secrets/secrets.ts";
import type { Settings } from "./settings/types.ts";
import { openStart, placeName, type Start, shownAddress, withheld } from "./start.ts";
import { toolsets } from "./tools/index.ts";

/** A session's parts: what it offers, and how to give back what it holds. */
export interface Session {
  readonly toolbox: Toolbox;
  /** A server of this session, not yet connected to a transport. `host`: what is known of the host without its telling. */
  newServer(host?: Partial<Host>): Server;
  /** Answers requests of the revision without sessions. */
  readonly answer: Answerer;
  /** Ends its connections, and the demo cluster where there is one. */
  release(): Promise<void>;
}

/** A session in one go. @throws as {@link openStart}. */
export async function openSession(settings: Settings, warn: (line: string) => void = () => {}): Promise<Session> {
  return createSession(await openStart(settings, warn), { warn });
}

/** What a session is made with beside its start. */
export interface SessionOptions {
  /** Gets one line per failed call. */
  warn(line: string): void;
  readonly secrets?: Secrets;
  /** Takes out of what is written down what others than whoever calls must not read, beside the secrets of the session. */
  readonly maskWritten?: (text: string) => string;
  /** Whose session it is, on a server of many, and what they share. */
  readonly principal?: string;
  /** What they are called, where something of theirs is signed, such as a commit. */
  readonly author?: string;
  readonly shared?: Shared;
  /** Their own Nomad token at a cluster, where their role has it: the same each time. */
  readonly caller?: ((cluster: Cluster) => CallerToken | undefined) | undefined;
  readonly codes?: Codes;
  /** Told of each call once it has ended. */
  readonly measured?: ((call: MeasuredCall) => void) | undefined;
}

/** What runs behind a start: clusters -> clients -> toolbox -> server. */
export function createSession(
  { settings, clusters, audit, library, welcome, gateNames, release }: Start,
  {
    warn,
    secrets = createSecrets(),
    maskWritten = (text) => text,
    principal,
    author,
    shared,
    caller,
    codes,
    measured,
  }: SessionOptions,
): Session {
  const names = settings.clusters.map(({ name }) => name);
  const clientFor = createClients({ first: names[0] ?? "", secrets, principal, caller, ...(shared && { shared }) });
  for (const cluster of clusters) if (!("fault" in cluster)) clientFor(cluster);
  const clientOf = (where: Partial<Where>): NomadClient => {
    const cluster = usable(clusters, where);
    return clientFor(cluster).in(where.namespace ?? cluster.settings.namespace);
  };
  const showing = { mask: secrets.mask, digests: ["job_file", "variables", "payload"] };
  const written = { ...showing, mask: (text: string, name?: string) => maskWritten(secrets.mask(text, name)) };
  const toolbox = createToolbox({
    toolsets: withheld(toolsets, library),
    library: library !== undefined,
    gates: settings,
    gateNames,
    clusters: names,
    confirm: settings.confirm,
    audit: audit && createAudit(audit, { showing: written, log: warn }),
    audited: settings.audit,
    ...(codes && { codes }),
    measured,
    showing,
    view({ cluster: name }) {
      const cluster = pick(clusters, name);
      const { namespace, name: own } = cluster.settings;
      return { namespace, cluster: own === names[0] ? undefined : own, address: shownAddress(cluster) };
    },
    place({ cluster: name, namespace }) {
      const { settings: own } = pick(clusters, name);
      return { cluster: placeName(own, clusters), namespace: namespace ?? own.namespace };
    },
    accessor({ cluster: name }) {
      const cluster = pick(clusters, name);
      return "fault" in cluster ? undefined : caller?.(cluster)?.accessor?.();
    },
    open(call, where) {
      const context = () => {
        const { transport, settings: own } = usable(clusters, where);
        const nomad = clientOf(where).forCall(call);
        const { showVariables } = settings;
        const { name, settingName } = own;
        return { ...call, nomad, transport, showVariables, library, author, cluster: name, settingName };
      };
      const cluster = pick(clusters, where.cluster);
      return "fault" in cluster ? heal(clusters, cluster).then(context) : context();
    },
    async explain(error, where) {
      const isDenied = error instanceof NomadError && error.kind === "forbidden";
      return explain(error, isDenied ? await lookAtToken(clientOf(where), error) : undefined);
    },
    failedAs,
    masking: secrets.forCall,
    log: warn,
    greeting: settings.demo ? demoGreeting : undefined,
  });
  const open: OpenCluster = (where, signal) => clientOf(where).within(signal);
  const completers = createCompleters(
    open,
    names,
    library && (async () => (await library.list()).files.map(({ address }) => address)),
  );
  const methods = createMethods({
    toolbox,
    resources: createResources(toolbox, nomadResources(completers, names, open, secrets.mask)),
    prompts: createPrompts(
      toolbox,
      nomadPrompts(completers),
      names.length > 1 ? clusterArgument(completers) : undefined,
    ),
  });
  return {
    toolbox,
    newServer: (host) => createMcpServer(welcome.initialize, methods, host),
    answer: createAnswerer(welcome, methods),
    release,
  };
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

const demoGreeting =
  "This is the embedded demo cluster (--demo): it lives in this process's memory, no real Nomad is touched.";
