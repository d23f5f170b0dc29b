import { namespaceGate } from "./api/request/gate.ts";
import { createQueue } from "./api/request/queue.ts";
import { createRoom } from "./api/request/room.ts";
import type { Cluster } from "./cluster.ts";
import { NomadClient } from "./nomad-client.ts";
import type { Secrets } from "./secrets/secrets.ts";

/**
 * The clients of a session's clusters, each made once. `first`: the name of the cluster of calls that name none. What passes
 * them is noted in `secrets`. They share the memory that replies may take.
 */
export function createClients(first: string, secrets: Secrets): (cluster: Cluster) => NomadClient {
  const room = createRoom();
  const made = new WeakMap<Cluster, NomadClient>();

  function make({ settings, transport, token }: Cluster): NomadClient {
    const { name, settingName, namespace, namespaces, region, readOnly } = settings;
    const { base, address, headers } = transport;
    secrets.always(headers.Authorization);
    return new NomadClient({
      ...{ base, address, headers, namespace, region, readOnly, settingName },
      ...(name !== first && { cluster: name }),
      token: () => {
        const now = token();
        secrets.always(now);
        return now;
      },
      gate: namespaces && namespaceGate(namespaces, settingName("namespaces")),
      queue: createQueue(),
      room,
      note: secrets.note,
      noteInTurns: secrets.noteInTurns,
      fetch: transport.fetch,
    });
  }

  return (cluster) => {
    const nomad = made.get(cluster) ?? make(cluster);
    made.set(cluster, nomad);
    return nomad;
  };
}
