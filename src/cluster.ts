import { type ConnectOptions, connect, type Transport, targetOf } from "./api/connect/connection.ts";
import { tokenFile } from "./api/connect/renewed.ts";
import { Refusal } from "./api/errors/refusal.ts";
import { namespaceGate } from "./api/request/gate.ts";
import { createQueue } from "./api/request/queue.ts";
import { createRoom, type Room } from "./api/request/room.ts";
import { NomadClient } from "./nomad-client.ts";
import type { Secrets } from "./secrets/secrets.ts";
import type { ClusterSettings } from "./settings/types.ts";

/** A cluster that a session works with. */
export interface Cluster {
  readonly settings: ClusterSettings;
  readonly nomad: NomadClient;
  readonly transport: Transport;
}

/** A cluster whose settings cannot be used yet: every call to it is answered with the fault, and no other cluster's is. */
export interface UnusableCluster {
  readonly settings: ClusterSettings;
  readonly fault: Refusal;
  /** Tries again: the file that was not there may be. */
  again(): Promise<Cluster | UnusableCluster>;
}

/** The clusters of a session, the one of calls that name none first. */
export type Clusters = [Cluster | UnusableCluster, ...(Cluster | UnusableCluster)[]];

/**
 * The clusters of a session, from their settings. What passes them is noted in `secrets`. Nothing is sent yet.
 *
 * @throws Refusal where there is but one cluster, and its settings can never be used.
 */
export async function openClusters(
  [first, ...others]: readonly [ClusterSettings, ...ClusterSettings[]],
  secrets: Secrets,
  options: ConnectOptions,
): Promise<Clusters> {
  if (others.length === 0) targetOf(first, first.settingName);
  const room = createRoom();
  const open = async (settings: ClusterSettings): Promise<Cluster | UnusableCluster> => {
    try {
      return await openCluster(settings, secrets, options, settings !== first, room);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const words = others.length > 0 ? `Cluster ${settings.name} cannot be used: ${error.message}` : error.message;
      return { settings, fault: new Refusal(words), again: () => open(settings) };
    }
  };
  return [await open(first), ...(await Promise.all(others.map(open)))];
}

/** Puts a cluster that can be used by now in the place of one that could not. */
export async function heal(clusters: Clusters, cluster: UnusableCluster): Promise<void> {
  const opened = await cluster.again();
  const at = clusters.indexOf(cluster);
  if (at !== -1) clusters[at] = opened;
}

async function openCluster(
  settings: ClusterSettings,
  secrets: Secrets,
  options: ConnectOptions,
  mustBeNamed: boolean,
  room: Room,
): Promise<Cluster> {
  const { name, settingName, namespace, namespaces, region, readOnly } = settings;
  const transport = await connect(settings, { name: settingName, ...options });
  const { base, address, headers } = transport;
  secrets.always(headers.Authorization);
  const nomad = new NomadClient({
    ...{ base, address, headers, namespace, region, readOnly, settingName },
    ...(mustBeNamed && { cluster: name }),
    token: tokenOf(settings, secrets),
    gate: namespaces && namespaceGate(namespaces, settingName("namespaces")),
    queue: createQueue(),
    room,
    note: (route, value) => secrets.note(route, value),
    fetch: transport.fetch,
  });
  return { settings, nomad, transport };
}

/** The token as it is now: the one that is set, else that of a file, which may be renewed at any time. */
function tokenOf({ token, tokenFile: file, settingName }: ClusterSettings, secrets: Secrets): () => string | undefined {
  secrets.always(token);
  if (token !== undefined || file === undefined) return () => token;
  const read = tokenFile(file, settingName("tokenFile"));
  return () => {
    const now = read();
    secrets.always(now);
    return now;
  };
}
