import type { Node, NodeStub } from "../../../endpoints/nodes.ts";
import { age } from "../../../text/time.ts";
import { all } from "../../../text/words.ts";
import { nodeState, stateSince, takesWork } from "../../nodes/words.ts";
import { type AskingGroup, type AskingJob, constraintsOf } from "./asking.ts";
import { meets, pins } from "./meets.ts";
import type { Reason } from "./reason.ts";
import { mayFit, type Surroundings } from "./surroundings.ts";

const mostNamed = 3;

/** What would meet all that the group asks of a node, and takes no work now. */
function awayNodes(job: AskingJob, group: AskingGroup | undefined, seen: Surroundings): NodeStub[] {
  if (group === undefined) return [];
  return seen.nodes.filter((node) => {
    return !takesWork(node) && mayFit(job, group, { node, whole: wholeOf(seen, node) }) === true;
  });
}

const wholeOf = ({ whole }: Surroundings, { ID }: NodeStub): Node | undefined => whole.find((each) => each.ID === ID);

/** That such nodes are away is the cause, and that they come back is the cure; none where there are none. */
export function awayReason(job: AskingJob, group: AskingGroup | undefined, seen: Surroundings): Reason[] {
  const away = awayNodes(job, group, seen);
  const [first] = away;
  if (first === undefined) return [];
  const pinned = constraintsOf(job, group).some((each) => pins(each) && meets(each, { node: first }) !== false);
  const told = away.slice(0, mostNamed).map((node) => `${node.Name}, which ${stateFor(node, seen)}`);
  const rest = away.length - told.length;
  const names = `${all(told)}${rest > 0 ? ` and ${rest} more` : ""}`;
  const sentence = pinned ? `it is pinned to ${names}` : `it would fit on ${names}`;
  return [{ sentence, cures: [seen.bringBack(first)], nodes: Number.POSITIVE_INFINITY }];
}

/** "has been down for 4m" */
function stateFor(node: NodeStub, seen: Surroundings): string {
  const at = stateSince(node, wholeOf(seen, node));
  return at === undefined ? `is ${nodeState(node)}` : `has been ${nodeState(node)} for ${age(at, seen.now)}`;
}
