import { literal } from "../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../endpoints/allocations.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { seesAll } from "../shared/sees-all.ts";

/** What has not ended on some nodes: it holds room there. */
export interface Live {
  /** By the id of the node. */
  readonly on: ReadonlyMap<string, readonly AllocationStub[]>;
  /** False where there is more than was read, so that nothing is known of what is free. */
  readonly complete: boolean;
}

/** With their resources rows are about 1.5 KB each: so many are read at once, and so often. */
const perPage = 1_000;
const mostPages = 3;

const hasNotEnded = ["running", "pending", "unknown"].map((status) => `ClientStatus == "${status}"`).join(" or ");

/**
 * Reads what has not ended on nodes, by their full ids, in the namespaces that the token sees: one request, at most three
 * where much runs there.
 */
export async function readLive(nomad: NomadClient, ids: readonly string[]): Promise<Live> {
  const on = new Map<string, AllocationStub[]>(ids.map((id) => [id, []]));
  if (ids.length === 0) return { on, complete: true };
  // Most allocations of a cluster have ended: for them the second part is not looked at.
  const filter = `(${hasNotEnded}) and (${ids.map((id) => `NodeID == ${literal(id)}`).join(" or ")})`;
  const query = { namespace: "*", filter, per_page: perPage, task_states: false, resources: true };
  let token: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const { items, next } = await nomad.list(allocations.list, { ...query, next_token: token });
    for (const each of items) on.get(each.NodeID)?.push(each);
    token = next;
    if (token === undefined) break;
  }
  return { on, complete: token === undefined };
}

/** That others may take room whom the token does not see; empty where it sees all. One request. */
export async function unseenNote(nomad: NomadClient): Promise<string> {
  return (await seesAll(nomad))
    ? ""
    : "Free is what the allocations leave that this session may see: others may take room, too";
}
