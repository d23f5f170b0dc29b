import type { Node, NodeStub } from "../../endpoints/nodes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { age, ago, fromGoTime } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { all, short } from "../../text/words.ts";
import { showStep, toolOrCommand } from "../shared/next-step.ts";

/** What a list, a single read and an event say alike of a node's state. */
interface Stateful {
  readonly Status: string;
  readonly SchedulingEligibility: string;
  readonly Drain: boolean;
}

/** A node's state in one word: what keeps work away from it, "down" before "draining" before "ineligible"; else "ready". */
export function nodeState({ Status, SchedulingEligibility, Drain }: Stateful): string {
  if (Status !== "ready") return Status;
  if (Drain) return "draining";
  return SchedulingEligibility === "ineligible" ? "ineligible" : "ready";
}

/** True where the scheduler places something on the node. */
export const takesWork = (node: Stateful) => nodeState(node) === "ready";

/** Its status as Nomad has it, and what an operator has done with it, as lists say it: "ready, draining". */
export function statusText({ Status, SchedulingEligibility, Drain }: Stateful): string {
  return `${Status}${Drain ? ", draining" : SchedulingEligibility === "ineligible" ? ", ineligible" : ""}`;
}

/**
 * Since when it is in its state, ms. Of a drain the list tells it, of a status only the node that was read by itself, of
 * an ineligible node nothing.
 */
export function stateSince(node: NodeStub, whole?: Pick<Node, "StatusUpdatedAt">): number | undefined {
  if (node.Status !== "ready") return whole?.StatusUpdatedAt ? whole.StatusUpdatedAt * 1000 : undefined;
  return node.Drain ? fromGoTime(node.LastDrain?.StartedAt) : undefined;
}

/** When a drain that is over emptied the node, ms; undefined where there was none, or it was called off. */
export function drainedAt({ Drain, LastDrain }: NodeStub): number | undefined {
  return !Drain && LastDrain?.Status === "complete" ? fromGoTime(LastDrain.UpdatedAt) : undefined;
}

/** Why whoever drained a node did it, as they wrote it; empty where they wrote nothing. */
export const drainMessage = ({ LastDrain }: NodeStub) => LastDrain?.Meta?.message ?? "";

/** The same as an answer shows it. */
export const drainReason = (node: NodeStub) => quotedLine(drainMessage(node), 120);

/** The drivers that work on a node, by name. */
export const driversOf = ({ Drivers }: Pick<NodeStub, "Drivers">) =>
  Object.entries(Drivers ?? {})
    .filter(([, { Healthy }]) => Healthy)
    .map(([name]) => name)
    .toSorted();

/** The drivers that a node has and that do not work; what it does not have is no fault. */
export const illDrivers = ({ Drivers }: NodeStub) =>
  Object.entries(Drivers ?? {}).filter(([, { Detected, Healthy }]) => Detected && !Healthy);

/** A node's state and what is known of why: "draining for 3m (kernel update)", "ready, docker unhealthy". */
export function stateInWords(node: NodeStub, now: number): string {
  const state = nodeState(node);
  const since = stateSince(node);
  const drained = drainedAt(node);
  const why = drainReason(node);
  const because = why === "" ? "" : ` (${why})`;
  const ill = illDrivers(node).map(([name]) => name);
  if (state === "draining") return `draining${since === undefined ? "" : ` for ${age(since, now)}`}${because}`;
  if (state === "ineligible" && drained !== undefined) return `drained ${ago(drained, now)}${because}`;
  return state === "ready" && ill.length > 0 ? `ready, ${all(ill)} unhealthy` : state;
}

/** How a node takes work again which a person has kept from it: the call, else the command, which takes ids and no names. */
export function enableStep(nomad: NomadClient, { Drain, Name, ID }: Pick<NodeStub, "Drain" | "Name" | "ID">): string {
  const home = nomad.in(nomad.home);
  if (Drain)
    return toolOrCommand(home, ["drain_node", { node: Name, cancel: true }], ["node drain", "-disable", short(ID)]);
  const call = ["set_node_eligibility", { node: Name, eligible: true }] as const;
  return toolOrCommand(home, call, ["node eligibility", "-enable", short(ID)]);
}

/** How everything is moved off a node: the call, else the command. */
export function drainStep(nomad: NomadClient, { Name, ID }: Pick<NodeStub, "Name" | "ID">): string {
  return toolOrCommand(nomad.in(nomad.home), ["drain_node", { node: Name }], ["node drain", "-enable", short(ID)]);
}

/** How a node takes work again, as a clause. */
export function bringBack(nomad: NomadClient, node: NodeStub): string {
  if (node.Status !== "ready") return `bring ${node.Name} back (${showStep(nomad, "node", node.Name)})`;
  const enable = enableStep(nomad, node);
  return node.Drain
    ? `when the drain of ${node.Name} is no longer wanted: ${enable}`
    : `let ${node.Name} take work again: ${enable}`;
}
