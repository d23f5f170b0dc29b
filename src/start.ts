import { readAddress } from "./api/connect/address.ts";
import { type Clusters, openClusters } from "./cluster.ts";
import { instructions } from "./instructions.ts";
import type { Library } from "./library/library.ts";
import { type AuditFile, openAuditFile } from "./mcp/audit-file.ts";
import { type GateNames, type Offer, offer } from "./mcp/gates.ts";
import { inSession, listPrompts, listTemplates } from "./mcp/listing.ts";
import type { Welcome } from "./mcp/welcome.ts";
import type { ClusterSettings, Settings } from "./settings/types.ts";
import { type CatalogTool, catalog } from "./tools/catalog.data.ts";
import { version } from "./version.ts";

/** What a session is before a line of a tool's code is loaded: its settings are checked, its files open, its offer settled. */
export interface Start {
  /** Those of the demo, where it is one. */
  readonly settings: Settings;
  readonly clusters: Clusters;
  readonly audit: AuditFile | undefined;
  /** Where the team's job files are, if the settings say so. */
  readonly library: Library | undefined;
  readonly offer: Offer<CatalogTool>;
  /** What the operator calls the gates that make it. */
  readonly gateNames: GateNames;
  readonly welcome: Welcome;
  /** What the host's log says at the start. */
  readonly line: string;
  /** Ends its connections, and the demo cluster where there is one. */
  release(): Promise<void>;
}

/**
 * `log` is told what the operator should know of the files that are opened. `stdout`: where the audit log goes that is named `-`,
 * if it may.
 *
 * @throws Refusal where a file that a setting names cannot be read; Refused where the gates name what does not exist.
 */
export async function openStart(asked: Settings, log: (line: string) => void, stdout?: AuditFile): Promise<Start> {
  const demo = asked.demo ? await (await import("demo-cluster")).startDemoCluster() : undefined;
  const settings = demo ? demoSettings(asked, demo.address) : asked;
  const clusters = await openClusters(settings.clusters, demo ? { env: {} } : {});
  const { settingName } = settings;
  const names = gateNames(settingName);
  const library = await libraryOf(settings);
  const offered = offer(withheld(catalog.toolsets, library), settings, names);
  return {
    ...{ settings, clusters, library },
    audit: auditOf(settings, log, stdout),
    offer: offered,
    gateNames: names,
    welcome: welcome(settings, clusters, offered, library),
    line: startLine(settings, clusters),
    async release() {
      const closing = clusters.flatMap((cluster) => ("fault" in cluster ? [] : [cluster.transport.close()]));
      await Promise.all([...closing, demo?.stop()]);
    },
  };
}

/** The library of the settings; what it is made of is loaded only where there is one. */
async function libraryOf({ library, clusters }: Settings): Promise<Library | undefined> {
  if (library === undefined) return undefined;
  const [{ readLibrary }, { openLibrary }] = await Promise.all([
    import("./library/settings.ts"),
    import("./library/library.ts"),
  ]);
  const names = clusters.map(({ name }) => name);
  const settings = readLibrary(library.section, library, names);
  const [{ caCert, caPath }] = clusters;
  return settings && (await openLibrary(settings, { authorities: { caCert, caPath }, env: process.env }));
}

/** Toolsets as far as there is what they are about: the others are offered nowhere, and say why. */
export function withheld<T extends { readonly name: string }>(
  toolsets: readonly T[],
  library: Library | undefined,
): (T & { readonly lacks?: string })[] {
  const lacks = "this server has no library of job files: [library] in its settings file names one";
  return toolsets.map((toolset) =>
    toolset.name === "library" && library === undefined ? { ...toolset, lacks } : toolset,
  );
}

function auditOf(
  { auditLog, settingName }: Settings,
  log: (line: string) => void,
  stdout: AuditFile | undefined,
): AuditFile | undefined {
  if (!auditLog) return undefined;
  return auditLog === "-" && stdout ? stdout : openAuditFile(auditLog, settingName("auditLog"), log);
}

/** The first answers of a session with these settings and clusters, and what it offers. */
export function welcome(
  settings: Settings,
  clusters: Clusters,
  { tools }: Offer<CatalogTool>,
  library: Library | undefined,
): Welcome {
  const names = settings.clusters.map(({ name }) => name);
  const offers = (tool: string) => tools.has(tool);
  const asks = settings.confirm === "ask";
  return {
    initialize: {
      capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} },
      serverInfo: { name: "nomad-mcp", title: "Nomad", version },
      instructions: guide(settings, clusters, offers),
    },
    tools: {
      tools: [...tools.values()].map(({ definition, risk }) =>
        inSession(definition, catalog.confirm, {
          clusters: names,
          asks: asks && risk === "destructive",
          library: library !== undefined,
        }),
      ),
    },
    prompts: listPrompts(catalog.prompts, offers, names.length > 1 ? catalog.clusterArgument : undefined),
    resourceTemplates: listTemplates(catalog.resources, offers),
  };
}

function guide(settings: Settings, clusters: Clusters, offers: (tool: string) => boolean): string {
  const about = ({ settings: own }: Clusters[number]) => ({ ...own, place: placeName(own, clusters) });
  const [first, ...others] = clusters;
  const { demo, readOnly, confirm } = settings;
  return instructions({ demo, readOnly, confirm, clusters: [about(first), ...others.map(about)], offers });
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

/** What the operator calls the gates. */
export function gateNames(settingName: Settings["settingName"]): GateNames {
  return {
    readOnly: settingName("readOnly"),
    toolsets: settingName("toolsets"),
    enabledTools: settingName("enabledTools"),
    disabledTools: settingName("disabledTools"),
  };
}

/** A cluster as people know it: the name that they gave it among several, else its address. */
export function placeName(settings: ClusterSettings, clusters: Clusters): string {
  const cluster = clusters.find((each) => each.settings.name === settings.name) ?? clusters[0];
  const address = shownAddress(cluster);
  return clusters.length > 1 ? `${settings.name} (${address})` : address;
}

/** The address of a cluster for people, also where it cannot be used: without user and password. */
export function shownAddress(cluster: Clusters[number]): string {
  return "fault" in cluster ? readAddress(cluster.settings.address).shown : cluster.transport.address;
}
