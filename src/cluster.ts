import { type ConnectOptions, connect, type Transport } from "./api/connection.ts";
import { Refusal } from "./api/errors.ts";
import { namespaceGate } from "./api/namespaces.ts";
import { createQueue } from "./api/queue.ts";
import { tokenFile } from "./api/renewed.ts";
import { createRoom, type Room } from "./api/room.ts";
import type { Secrets } from "./nomad/secrets/secrets.ts";
import { NomadClient } from "./nomad-client.ts";
import type { ClusterSettings } from "./settings/settings.ts";

/** A cluster that a session works with. */
export interface Cluster {
  readonly settings: ClusterSettings;
  readonly nomad: NomadClient;
  readonly transport: Transport;
}

/** A cluster whose settings cannot be used: every call to it is answered with the fault, and no other cluster's is. */
export interface UnusableCluster {
  readonly settings: ClusterSettings;
  readonly fault: Refusal;
}

/** The clusters of a session, the one of calls that name none first. */
export type Clusters = readonly [Cluster | UnusableCluster, ...(Cluster | UnusableCluster)[]];

/**
 * The clusters of a session, from their settings. What passes them is noted in `secrets`. Nothing is sent yet.
 *
 * @throws Refusal where a file that a setting names cannot be read, and there is but one cluster.
 */
export async function openClusters(
  [first, ...others]: readonly [ClusterSettings, ...ClusterSettings[]],
  secrets: Secrets,
  options: ConnectOptions,
): Promise<Clusters> {
  const room = createRoom();
  const open = (settings: ClusterSettings) => openCluster(settings, secrets, options, settings !== first, room);
  if (others.length === 0) return [await open(first)];
  const opened = others.map((settings) => orFault(settings, open(settings)));
  return [await orFault(first, open(first)), ...(await Promise.all(opened))];
}

async function orFault(settings: ClusterSettings, open: Promise<Cluster>): Promise<Cluster | UnusableCluster> {
  try {
    return await open;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { settings, fault: new Refusal(`Cluster ${settings.name} cannot be used: ${error.message}`) };
  }
}

async function openCluster(
  settings: ClusterSettings,
  secrets: Secrets,
  options: ConnectOptions,
  mustBeNamed: boolean,
  room: Room,
): Promise<Cluster> {
  const { name, called, namespace, namespaces, region, readOnly } = settings;
  const transport = await connect(settings, { name: called, ...options });
  const { base, address, headers } = transport;
  secrets.always(headers.Authorization);
  const nomad = new NomadClient({
    ...{ base, address, headers, namespace, region, readOnly, called },
    ...(mustBeNamed && { cluster: name }),
    token: tokenOf(settings, secrets),
    gate: namespaces && namespaceGate(namespaces, called("namespaces")),
    queue: createQueue(),
    room,
    note: (path, value) => secrets.note(path, value),
    fetch: transport.fetch,
  });
  return { settings, nomad, transport };
}

/** The token as it is now: the one that is set, else that of a file, which may be renewed at any time. */
function tokenOf({ token, tokenFile: file, called }: ClusterSettings, secrets: Secrets): () => string | undefined {
  secrets.always(token);
  if (token !== undefined || file === undefined) return () => token;
  const read = tokenFile(file, called("tokenFile"));
  return () => {
    const now = read();
    secrets.always(now);
    return now;
  };
}
