import { allocations } from "../../../endpoints/allocations.ts";
import { type Node, nodes } from "../../../endpoints/nodes.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { plural } from "../../../text/words.ts";
import { changes } from "../../shared/changes.ts";
import { readLive } from "../live.ts";

/** What is waited for. */
export interface Following {
  readonly nodeId: string;
  /** True where system jobs may stay. */
  readonly keepSystem: boolean;
  /** ms, by this machine's clock. */
  readonly until: number;
  report(message: string): void;
}

/**
 * Waits until a node that is drained is empty, which is later than Nomad calls its drain complete, or the time is over: the
 * node as it is then. It wakes with the node's changes, and at the end with those of what still runs there.
 */
export async function followDrain(nomad: NomadClient, following: Following): Promise<Node> {
  const { nodeId, until, report } = following;
  const next = changes(nomad, nodes.get, { node_id: nodeId }, until);
  let node = (await next()) ?? (await nomad.get(nodes.get, { node_id: nodeId }));
  while (node.Drain) {
    report(`${node.Name} drains`);
    const changed = await next();
    if (changed === undefined) return node;
    node = changed;
  }
  if (node.LastDrain?.Status === "complete") await untilEmpty(nomad, following);
  return node;
}

/** What was told to end takes its kill timeout for that, one allocation beside the other. */
async function untilEmpty(nomad: NomadClient, { nodeId, keepSystem, until, report }: Following): Promise<void> {
  while (until > Date.now()) {
    const live = (await readLive(nomad, [nodeId])).on.get(nodeId) ?? [];
    const left = live.filter(({ JobType }) => !(keepSystem && JobType === "system"));
    const [first] = left;
    if (first === undefined) return;
    report(`${plural(left.length, "allocation")} still to end`);
    const next = changes(nomad.in(first.Namespace), allocations.get, { allocation_id: first.ID }, until);
    for (;;) {
      const now = await next();
      if (now === undefined) return;
      if (!["running", "pending", "unknown"].includes(now.ClientStatus)) break;
    }
  }
}
