import type { Clients } from "./client/clients.ts";
import type { Server } from "./cluster/servers.ts";
import type { Registry } from "./job/registry.ts";
import type { EventBuffer } from "./state/event-buffer.ts";

/** What the routes answer from. */
export interface World extends Registry {
  clients: Clients;
  events: EventBuffer;
  servers: readonly Server[];
  /** Whether the cluster has ACLs; whoever asks is then taken for somebody who may do all. */
  acl: boolean;
}
