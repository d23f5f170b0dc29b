import { NomadError } from "../../api/errors/errors.ts";
import { explain } from "../../api/errors/explain.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { type Node, nodes } from "../../endpoints/nodes.ts";
import { volumes } from "../../endpoints/volumes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { age } from "../../text/time.ts";
import { firstLine, lines, plural, short, some } from "../../text/words.ts";
import { orMissing } from "../jobs/find.ts";
import { unchanged } from "../shared/exact-id.ts";
import { ifOffered, showStep, toolOrCommand } from "../shared/next-step.ts";
import { given, type Part, part } from "../shared/parts.ts";
import { clusterLine, type Preview, stampOf } from "../shared/preview.ts";
import { sendOnce } from "../shared/send-once.ts";
import { type SeenNode, seeNode } from "./seen-node.ts";
import { drainStep, nodeState, stateSince } from "./words.ts";

/** A node that is down, what was on it, and the dynamic host volumes that stay listed when it is gone. */
export interface PurgedNode extends SeenNode {
  readonly volumes: Part<readonly string[]>;
}

const mostNamed = 5;
const mostVolumes = 50;

/**
 * Looks what a node that is to be forgotten had: four requests.
 *
 * @throws Refusal where it is not down: one that lives registers again at once, its work moves and its drain is forgotten,
 * and one that is only disconnected may come back with what it runs.
 */
export async function readPurge(nomad: NomadClient, id: string, signal: AbortSignal): Promise<PurgedNode> {
  const having = { namespace: "*", type: "host", node_id: id, per_page: mostVolumes };
  const [seen, own] = await Promise.all([seeNode(nomad, id, signal), part(signal, nomad.list(volumes.list, having))]);
  // Read last: a change that is sent upon this comes right behind it.
  const node = await nomad.get(nodes.get, { node_id: id });
  if (node.Status !== "down") {
    const state = nodeState(node);
    const [why, step] =
      node.Status === "ready"
        ? ["it lives, and would register again at once, with its work moved", drainStep(nomad, node)]
        : ["its client may come back with what it runs", showStep(nomad, "node", node.Name)];
    throw new Refusal(`${node.Name} is ${state}, not down: ${why}. ${unchanged}\nNext: ${step}`);
  }
  const named = "failed" in own ? own : { value: own.value.items.map(({ Name }) => Name) };
  return { ...seen, node, volumes: named };
}

/** What a person is shown before a node is forgotten. */
export function previewPurge(nomad: NomadClient, purged: PurgedNode): Preview {
  const { node } = purged;
  const since = stateSince(node, node);
  return {
    text: lines(
      `Have the servers forget node ${node.Name}; it registers again if its client ever returns`,
      `  node: ${node.Name} (${short(node.ID)}, down${since === undefined ? "" : ` for ${age(since, nomad.now())}`}, ${node.Datacenter}, pool ${node.NodePool ?? "default"})`,
      clusterLine(nomad),
      `  lost with it: ${lostWords(purged)}`,
      volumeWords(purged) !== "" && `  volumes: ${volumeWords(purged)}`,
    ),
    stamp: stampOf(nomad, node.ID, node.Status, node.SchedulingEligibility, node.StatusUpdatedAt),
  };
}

function lostWords({ placed, more }: PurgedNode): string {
  if ("failed" in placed) return `could not be read (${firstLine(explain(placed.failed))})`;
  const jobs = [...new Set(placed.value.map(({ JobID }) => JobID))];
  if (jobs.length === 0) return "nothing";
  return `${more ? "more than " : ""}${plural(placed.value.length, "allocation")} of ${some(jobs, mostNamed)}`;
}

function volumeWords({ node, volumes: own }: PurgedNode): string {
  const names = given(own);
  if (names === undefined) return "not known: they could not be read";
  if (names.length === 0) return "";
  if (node.GCVolumesOnNodeGC) return `${some(names, mostNamed)}, forgotten with it; what is in them stays on its disk`;
  return `${some(names, mostNamed)} stay${names.length === 1 ? "s" : ""} listed as ready`;
}

/**
 * Has the servers forget a node that is down, once, and looks whether it is gone.
 *
 * @throws Refusal where it is not, or where the answer is lost.
 */
export async function purgeNode(nomad: NomadClient, purged: PurgedNode): Promise<Answer> {
  const { node } = purged;
  const look = async () => await orMissing(nomad.get(nodes.get, { node_id: node.ID }));
  const list = toolOrCommand(nomad.in(nomad.home), ["list_nodes", {}], ["node status"]);
  try {
    await sendOnce(
      async () => await nomad.write(nodes.purge, { node_id: node.ID }, {}),
      async () => seenWords(node, await look()),
      list,
    );
  } catch (error) {
    if (!(error instanceof NomadError) || error.kind !== "not_found") throw error;
    throw new Refusal(`Somebody else has had the servers forget ${node.Name} at this very moment. ${unchanged}`);
  }
  const now = await look();
  if (now !== undefined) {
    throw new Refusal(
      `Nomad took it, but ${seenWords(node, now)}: its client has returned since.\nNext: ${showStep(nomad, "node", node.Name)}`,
    );
  }
  const left = node.GCVolumesOnNodeGC ? [] : (given(purged.volumes) ?? []);
  const jobs = [...new Set((given(purged.placed) ?? []).map(({ JobID }) => JobID))];
  return {
    headline: `${node.Name} (${short(node.ID)}) is forgotten; it registers again if its client ever returns`,
    sections: [
      jobs.length > 0 && `Lost with it: ${lostWords(purged)}`,
      left.length > 0 &&
        `Its host ${left.length === 1 ? "volume" : "volumes"} ${volumeWords(purged)}, and no job can have ${left.length === 1 ? "it" : "them"}`,
    ],
    next: [
      ...(jobs.length > 0 ? [ifOffered("find_problems", "find_problems shows what has found no other place", "")] : []),
      ...(left.length > 0
        ? [ifOffered("delete_volume", `delete_volume volume=${left[0]} force=true forgets a volume`, "")]
        : []),
    ],
    data: { node_id: node.ID, name: node.Name, volumes: left },
  };
}

const seenWords = ({ Name }: Node, now: Node | undefined) =>
  now === undefined ? `${Name} is gone` : `${Name} is there, ${nodeState(now)}`;
