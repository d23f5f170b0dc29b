import { type ConnectOptions, connect, type Transport } from "./api/connection.ts";
import { namespaceGate } from "./api/namespaces.ts";
import { createQueue } from "./api/queue.ts";
import { tokenFile } from "./api/renewed.ts";
import type { Secrets } from "./nomad/secrets/secrets.ts";
import { NomadClient } from "./nomad-client.ts";
import type { Settings } from "./settings.ts";

/** A cluster that a session works with. */
export interface Cluster {
  readonly nomad: NomadClient;
  readonly transport: Transport;
}

/**
 * The client of one cluster, from its settings. What passes it is noted in `secrets`. Nothing is sent yet.
 *
 * @throws Refusal where a file that a setting names cannot be read.
 */
export async function openCluster(settings: Settings, secrets: Secrets, options: ConnectOptions): Promise<Cluster> {
  const transport = await connect(settings, options);
  const { base, address, headers } = transport;
  const { namespace, namespaces, region, readOnly } = settings;
  secrets.always(headers.Authorization);
  const nomad = new NomadClient({
    ...{ base, address, headers, namespace, region, readOnly },
    token: tokenOf(settings, secrets),
    gate: namespaces && namespaceGate(namespaces, "NOMAD_MCP_NAMESPACES"),
    queue: createQueue(),
    note: (path, value) => secrets.note(path, value),
    fetch: transport.fetch,
  });
  return { nomad, transport };
}

/** The token as it is now: the one that is set, else that of a file, which may be renewed at any time. */
function tokenOf({ token, tokenFile: file }: Settings, secrets: Secrets): () => string | undefined {
  secrets.always(token);
  if (token !== undefined || file === undefined) return () => token;
  const read = tokenFile(file, "NOMAD_MCP_TOKEN_FILE");
  return () => {
    const now = read();
    secrets.always(now);
    return now;
  };
}
