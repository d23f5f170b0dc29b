import { explain } from "../../../api/errors/explain.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import { type Node, nodes } from "../../../endpoints/nodes.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { Answer } from "../../../text/answer.ts";
import { duration, span } from "../../../text/time.ts";
import { firstLine, lines, short } from "../../../text/words.ts";
import { inTime, lookTime } from "../../jobs/change/follow.ts";
import { showStep } from "../../shared/next-step.ts";
import { clusterLine, type Preview, stampOf } from "../../shared/preview.ts";
import { sendOnce } from "../../shared/send-once.ts";
import type { Waiting } from "../../shared/waiting.ts";
import { bringBack, stateInWords } from "../words.ts";
import { drainEffect } from "./effect.ts";
import { effectInShort, effectLines, effectStamp } from "./effect-text.ts";
import { followDrain } from "./follow.ts";
import { bodyOf, type DrainOrder, requireThere } from "./order.ts";
import { drainedAnswer } from "./outcome-text.ts";
import { readProgress } from "./progress.ts";

/** What a person is shown before a node is drained, and what their consent is bound to: its state, and what is hit how. */
export async function previewDrain(
  nomad: NomadClient,
  found: Pick<Node, "ID" | "Name">,
  order: DrainOrder,
  signal: AbortSignal,
): Promise<Preview> {
  const effect = await drainEffect(nomad, found, signal);
  // Read last: a change that is sent upon this comes right behind it.
  const node = await nomad.get(nodes.get, { node_id: found.ID });
  requireThere(nomad, node);
  const body = bodyOf(node, order);
  if ("failed" in effect) throw unknown(node, firstLine(explain(effect.failed)));
  const keepSystem = body?.DrainSpec.IgnoreSystemJobs ?? node.DrainStrategy?.IgnoreSystemJobs ?? false;
  const what = body === undefined ? "Wait until the drain is over of" : node.Drain ? "Change the drain of" : "Drain";
  return {
    text: lines(
      `${what} ${node.Name}: ${effectInShort(effect.value, keepSystem)}`,
      ...whereLines(nomad, node),
      body && `  deadline: ${deadlineText(body.DrainSpec.Deadline)}`,
      ...effectLines(effect.value, nomad, keepSystem).map((line) => `  ${line}`),
    ),
    stamp: nodeStamp(nomad, node, effectStamp(effect.value)),
  };
}

/** What a person is shown before a drain is called off. @throws Refusal where there is none. */
export function previewCancel(nomad: NomadClient, node: Node): Preview {
  requireDrain(node);
  const what = `Call off the drain of ${node.Name} and let it take work again; what has left stays where it is now`;
  return { text: lines(what, ...whereLines(nomad, node)), stamp: nodeStamp(nomad, node, "cancel") };
}

function whereLines(nomad: NomadClient, node: Node): string[] {
  return [`  node: ${node.Name} (${short(node.ID)}, ${stateInWords(node, nomad.now())})`, clusterLine(nomad)];
}

function nodeStamp(nomad: NomadClient, node: Node, what: string): string {
  const { ID, Status, SchedulingEligibility, DrainStrategy } = node;
  return stampOf(nomad, ID, Status, SchedulingEligibility, DrainStrategy ?? null, what);
}

const deadlineText = (nanoseconds: number) =>
  nanoseconds < 0
    ? "none, all is ended at once"
    : nanoseconds === 0
      ? "none: batch work holds the drain until it ends by itself"
      : `${duration(nanoseconds)}, then the rest is ended by force`;

const unknown = (node: Node, why: string) =>
  new Refusal(
    `What a drain of ${node.Name} would do is not known, since what runs there could not be read (${why}). Nothing was changed.`,
  );

/**
 * Drains a node as ordered and follows that until it is empty or the time is over. Of one that drains so already nothing is
 * sent: it is followed on.
 *
 * @throws Refusal where the node is away.
 */
export async function drain(nomad: NomadClient, node: Node, order: DrainOrder, waiting: Waiting): Promise<Answer> {
  requireThere(nomad, node);
  const body = bodyOf(node, order);
  const keepSystem = body?.DrainSpec.IgnoreSystemJobs ?? node.DrainStrategy?.IgnoreSystemJobs ?? false;
  if (!node.Drain && node.LastDrain?.Status === "complete" && node.SchedulingEligibility === "ineligible") {
    const { left, complete } = await readProgress(nomad, node);
    const goes = left.filter(({ JobType }) => !(keepSystem && JobType === "system"));
    if (goes.length === 0 && complete) return already(nomad, node);
  }
  const began = nomad.now();
  if (body !== undefined) await sendDrain(nomad, node, body);
  const verb = body === undefined ? "drains already" : node.Drain ? "drains by the new order" : "drains now";
  const show = showStep(nomad, "node", node.Name);
  if (waiting.until <= Date.now()) {
    return { headline: `${node.Name} ${verb}; not followed`, next: [`${show} says how far it is`], data: dataOf(node) };
  }
  const following = { nodeId: node.ID, keepSystem, until: waiting.until - lookTime, report: waiting.report };
  const found = await inTime(nomad, waiting.until, async (limited) => {
    const last = await followDrain(limited, following);
    return { last, progress: await readProgress(limited, last) };
  });
  if ("fault" in found) {
    const why = `how far it is could not be read: ${firstLine(found.fault)}`;
    return { headline: `${node.Name} ${verb}; ${why}`, next: [`${show} says how far it is`], data: dataOf(node) };
  }
  return drainedAnswer(nomad, { ...found.value, keepSystem, took: nomad.now() - began });
}

async function sendDrain(nomad: NomadClient, { ID, Name }: Node, body: object): Promise<void> {
  const seen = async () => `${Name} is ${stateInWords(await nomad.get(nodes.get, { node_id: ID }), nomad.now())}`;
  const write = () => nomad.write(nodes.drain, { node_id: ID }, body);
  await sendOnce(write, seen, showStep(nomad, "node", Name));
}

const dataOf = ({ ID, Name }: Node) => ({ node_id: ID, name: Name, empty: false });

function already(nomad: NomadClient, node: Node): Answer {
  return {
    headline: `${node.Name} is drained already, and empty. Nothing was changed.`,
    next: [bringBack(nomad, node)],
    data: { ...dataOf(node), empty: true },
  };
}

/** Calls off the drain of a node and lets it take work again. @throws Refusal where there is none. */
export async function cancelDrain(nomad: NomadClient, node: Node): Promise<Answer> {
  requireDrain(node);
  // Without a DrainSpec the drain is canceled.
  const body = { DrainSpec: null, MarkEligible: true };
  await sendDrain(nomad, node, body);
  const now = await nomad.get(nodes.get, { node_id: node.ID });
  if (now.Drain) throw new Refusal(`Nomad took it, but ${node.Name} drains: somebody else has drained it anew since.`);
  const began = node.LastDrain?.StartedAt;
  const ran = began === undefined ? "" : `, which ran for ${span(nomad.now() - Date.parse(began))}`;
  const state = now.SchedulingEligibility === "eligible" ? "it takes work again" : "it is kept from work";
  return {
    headline: `The drain of ${node.Name} is called off${ran}; ${state}`,
    sections: ["What has left stays where it is now: nothing moves back by itself"],
    data: { node_id: node.ID, name: node.Name, eligible: now.SchedulingEligibility === "eligible" },
  };
}

function requireDrain({ Name, Drain, LastDrain }: Node): void {
  if (Drain) return;
  const last = LastDrain?.Status === "complete" ? "its last drain is complete" : "it does not drain";
  throw new Refusal(`There is no drain of ${Name} to call off: ${last}. Nothing was changed.`);
}
