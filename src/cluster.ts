import { type ConnectOptions, connect, type Transport, targetOf } from "./api/connect/connection.ts";
import { tokenFile } from "./api/connect/renewed.ts";
import { Refusal } from "./api/errors/refusal.ts";
import type { ClusterSettings } from "./settings/types.ts";

/** A cluster that a session works with: how it is reached, and with which token. */
export interface Cluster {
  readonly settings: ClusterSettings;
  readonly transport: Transport;
  /** The token as it is now: the one that is set, else that of a file, which may be renewed at any time. */
  token(): string | undefined;
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
 * The clusters of a session, from their settings. Nothing is sent yet.
 *
 * @throws Refusal where there is but one cluster, and its settings can never be used.
 */
export async function openClusters(
  [first, ...others]: readonly [ClusterSettings, ...ClusterSettings[]],
  options: ConnectOptions,
): Promise<Clusters> {
  if (others.length === 0) targetOf(first, first.settingName);
  const open = async (settings: ClusterSettings): Promise<Cluster | UnusableCluster> => {
    try {
      return await openCluster(settings, options);
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

async function openCluster(settings: ClusterSettings, options: ConnectOptions): Promise<Cluster> {
  const { token, tokenFile: file, settingName } = settings;
  const transport = await connect(settings, { name: settingName, ...options });
  const isSet = token !== undefined || file === undefined;
  return { settings, transport, token: isSet ? () => token : tokenFile(file, settingName("tokenFile")) };
}
