import type { Clients } from "./client/clients.ts";
import type { Registry } from "./job/registry.ts";

/** What the routes answer from. */
export interface World extends Registry {
  clients: Clients;
}
