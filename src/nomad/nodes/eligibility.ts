import { explain } from "../../api/errors/explain.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { type Evaluation, evaluations } from "../../endpoints/evaluations.ts";
import { type Node, type NodeStub, nodes } from "../../endpoints/nodes.ts";
import type { NomadClient, Page } from "../../nomad-client.ts";
import { type Answer, answer } from "../../text/answer.ts";
import { firstLine, plural, some } from "../../text/words.ts";
import { ifOffered, showStep } from "../shared/next-step.ts";
import { given, part } from "../shared/parts.ts";
import { holds, type SeenNode, seeNode } from "./seen-node.ts";
import { bringBack, drainStep, nodeState } from "./words.ts";

/** A blocked evaluation has about 2 KB: of so many the jobs are named, and more than that are told as more. */
const mostWaiting = 50;
const mostNamed = 5;

/**
 * Sets whether the scheduler may place anything new on a node, looks whether it is so now, and tells what that means.
 *
 * @throws Refusal where the node drains, which Nomad ends before it is made eligible, or where it is not so afterwards.
 */
export async function setEligibility(
  nomad: NomadClient,
  node: NodeStub,
  eligible: boolean,
  signal: AbortSignal,
): Promise<Answer> {
  const wanted = eligible ? "eligible" : "ineligible";
  const see = async () => await seeNode(nomad, node.ID, signal);
  if (node.SchedulingEligibility === wanted) {
    return eligible ? answer(already(node)) : await keptOff(nomad, await see(), true, signal);
  }
  if (eligible && node.Drain) {
    const end = `${bringBack(nomad, node)}, which makes it eligible, too`;
    throw new Refusal(
      `${node.Name} is draining: it can be made eligible once that has ended. Nothing was changed.\nNext: ${end}`,
    );
  }
  // What waits is let go by the change.
  const waiting = eligible ? given(await part(signal, readWaiting(nomad))) : undefined;
  const { EvalIDs } = await nomad.write(nodes.eligibility, { node_id: node.ID }, { Eligibility: wanted });
  const seen = await part(signal, see());
  if ("failed" in seen) {
    const why = firstLine(explain(seen.failed));
    return answer(`Nomad took the change: ${node.Name} is ${wanted}. How it is now could not be read: ${why}`);
  }
  const { SchedulingEligibility, Drain } = seen.value.node;
  if (SchedulingEligibility !== wanted) {
    const now = Drain ? "draining" : SchedulingEligibility;
    throw new Refusal(`Nomad took the change, but ${node.Name} is ${now}: somebody else has changed it since.`);
  }
  if (!eligible) return await keptOff(nomad, seen.value, false, signal);
  const waited = waitingAnswer(nomad, waiting);
  return {
    headline: takesWork(seen.value.node),
    sections: [lookedAt(EvalIDs ?? []), waited?.headline],
    next: waited?.next ?? [],
    data: dataOf(seen.value.node),
  };
}

const dataOf = ({ ID, Name, SchedulingEligibility }: Node) => ({
  node_id: ID,
  name: Name,
  eligible: SchedulingEligibility === "eligible",
});

function already(node: NodeStub): string {
  return `${takesWork(node, "already")}. Nothing was changed.`;
}

/** That a node is eligible, and what keeps work from it all the same. */
function takesWork(node: NodeStub | Node, when = "again"): string {
  const state = nodeState(node);
  return state === "ready"
    ? `${node.Name} takes new allocations ${when}`
    : `${node.Name} is eligible ${when}, but takes no allocations while it is ${state}`;
}

/** What a node that takes nothing new leaves as it is, and what else takes its work. */
async function keptOff(nomad: NomadClient, seen: SeenNode, before: boolean, signal: AbortSignal): Promise<Answer> {
  const { node } = seen;
  const others = given(await part(signal, readOthers(nomad, node)));
  const runs = (given(seen.placed) ?? []).filter(holds);
  const move = drainStep(nomad, node);
  const lost = runs.some(({ JobType }) => JobType === "batch") ? "; batch work that it ends does not run again" : "";
  return {
    headline: `${node.Name} takes no new allocations${before ? " already" : ""}; ${left(seen)}${before ? ". Nothing was changed." : ""}`,
    sections: [
      others === 0
        ? `No other node of datacenter ${node.Datacenter} in pool ${node.NodePool ?? "default"} takes work: what has to be placed there waits`
        : "",
      runs.length > 0 && !node.Drain ? `To move that away, too: ${move}${lost}` : "",
    ],
    data: dataOf(node),
  };
}

function left({ node, placed, more }: SeenNode): string {
  if (node.Drain) return "its drain goes on";
  if ("failed" in placed) return `what runs there stays, and could not be read (${firstLine(explain(placed.failed))})`;
  const runs = placed.value.filter(holds);
  if (runs.length === 0) return "nothing runs there";
  const jobs = new Set(runs.map(({ Namespace, JobID }) => JSON.stringify([Namespace, JobID])));
  const count = `${more ? "more than " : ""}${plural(runs.length, "allocation")} of ${plural(jobs.size, "job")}`;
  return `what runs there stays: ${count}`;
}

/** How many other nodes take what would have gone to this one: one stands for more. */
async function readOthers(nomad: NomadClient, { ID, Datacenter, NodePool }: Node): Promise<number> {
  const conditions = [
    'Status == "ready" and SchedulingEligibility == "eligible"',
    `ID != ${literal(ID)} and Datacenter == ${literal(Datacenter)}`,
    ...(NodePool === undefined ? [] : [`NodePool == ${literal(NodePool)}`]),
  ];
  return (await nomad.list(nodes.list, { filter: conditions.join(" and "), per_page: 1 })).items.length;
}

/** The evaluations of jobs that wait for a node, oldest first. */
async function readWaiting(nomad: NomadClient): Promise<Page<Evaluation>> {
  return await nomad.list(evaluations.list, { namespace: "*", filter: 'Status == "blocked"', per_page: mostWaiting });
}

/** Of the jobs that have something on the node, and of those that run on every one, the servers evaluate each. */
function lookedAt(ids: readonly string[]): string {
  return ids.length > 0
    ? `The scheduler looks again at ${plural(ids.length, "job")} with work here or on every node`
    : "";
}

/** The servers try again what waits, as far as such a node may have it: the change alone does not tell what comes of that. */
function waitingAnswer(nomad: NomadClient, waiting: Page<Evaluation> | undefined): Answer | undefined {
  const [first, ...others] = waiting?.items ?? [];
  if (first === undefined) return waiting && answer("No job was waiting for a node");
  const names = [first, ...others].map(({ JobID, Namespace }) =>
    Namespace === nomad.home ? JobID : `${JobID} (namespace ${Namespace})`,
  );
  const jobs = [...new Set(names)];
  const named = waiting?.next ? `${jobs.slice(0, mostNamed).join(", ")} and many more` : some(jobs, mostNamed);
  const one = `${showStep(nomad.in(first.Namespace), "job", first.JobID)} shows whether it is placed now`;
  const next = jobs.length === 1 ? one : ifOffered("find_problems", "find_problems shows which still wait", one);
  return { headline: `Waited for a node: ${named}; tried again where this one suits`, next: [next] };
}
