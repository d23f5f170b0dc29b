import { literal } from "../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../endpoints/allocations.ts";
import { type Node, nodes } from "../../endpoints/nodes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { fromNanoseconds } from "../../text/time.ts";
import { given, type Part, part } from "../shared/parts.ts";
import { type Gone, readGone } from "./drain/progress.ts";
import { unseenNote } from "./live.ts";

/** A node, and what is on it. */
export interface SeenNode {
  readonly node: Node;
  /** What runs or starts there, newest first; of a node that is away also what was lost with it. */
  readonly placed: Part<readonly AllocationStub[]>;
  /** True where there is more on it than was read. */
  readonly more: boolean;
}

/** The same, and what helps to judge it. */
export interface JudgedNode extends SeenNode {
  /** What of it has left in the drain that runs. */
  readonly gone: Part<Gone> | undefined;
  /** That others may take room whom the session does not see. */
  readonly unseen: string;
}

/** With their resources rows are about 1.5 KB each: so many are read. */
const mostAllocations = 300;
/** The scheduler marks as lost within seconds of the node's change of status; ms. */
const around = 60_000;

/** Reads a node by its full id, and what is on it in the namespaces that the token sees: two requests at once. */
export async function seeNode(nomad: NomadClient, id: string, signal: AbortSignal): Promise<SeenNode> {
  const states = ["running", "pending", "unknown", "lost"].map((status) => `ClientStatus == "${status}"`).join(" or ");
  const query = {
    ...{ namespace: "*", filter: `NodeID == ${literal(id)} and (${states})`, reverse: true },
    ...{ per_page: mostAllocations, task_states: false, resources: true },
  };
  const [node, page] = await Promise.all([
    nomad.get(nodes.get, { node_id: id }),
    part(signal, nomad.list(allocations.list, query)),
  ]);
  if ("failed" in page) return { node, placed: page, more: false };
  const items = page.value.items.filter((each) => belongs(each, node));
  return { node, placed: { value: items }, more: given(page)?.next !== undefined };
}

/** Reads a node to be judged: three requests at once, and while it drains two more for what has left. */
export async function judgeNode(nomad: NomadClient, id: string, signal: AbortSignal): Promise<JudgedNode> {
  const [seen, unseen] = await Promise.all([seeNode(nomad, id, signal), unseenNote(nomad)]);
  const gone = seen.node.Drain ? await part(signal, readGone(nomad, seen.node)) : undefined;
  return { ...seen, gone, unseen };
}

/** What is on the node and has not ended. */
export const holds = ({ ClientStatus }: AllocationStub) => ClientStatus === "running" || ClientStatus === "pending";

/** The same with what its client is out of contact with: that takes room, too. */
export const takesRoom = (each: AllocationStub) => holds(each) || each.ClientStatus === "unknown";

/** What was lost belongs to a node that is away, and to the time since it is. */
function belongs({ ClientStatus, ModifyTime }: AllocationStub, { Status, StatusUpdatedAt }: Node): boolean {
  if (ClientStatus !== "lost") return true;
  return Status !== "ready" && (fromNanoseconds(ModifyTime) ?? 0) > StatusUpdatedAt * 1000 - around;
}
