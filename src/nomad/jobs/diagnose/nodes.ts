import { literal } from "../../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import { type Node, nodes } from "../../../endpoints/nodes.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { age, fromNanoseconds } from "../../../text/time.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { plural, short, some } from "../../../text/words.ts";
import { taskTrouble } from "../../allocations/task-trouble.ts";
import type { Trouble } from "../../allocations/trouble-kinds.ts";
import { nodeState, stateSince, takesWork } from "../../nodes/words.ts";
import { ifGiven } from "../../shared/parts.ts";
import { type JobState, withTasks } from "../health/job-state.ts";
import { lastHour } from "./moments.ts";

/** A node on which the job has, or had, trouble, and what else has trouble there. */
export interface AffectedNode {
  /** Undefined where it could not be read. */
  readonly node: Node | undefined;
  readonly name: string;
  /** The newest allocations of other jobs that failed or wait there; undefined where they could not be read. */
  readonly others: readonly AllocationStub[] | undefined;
}

/** With their task states allocations are 7 KB and more. */
const mostOthers = 20;
const mostNamed = 3;
/** What failed on a node longer ago than this, in ms, did so for a reason of its own. */
const together = 300_000;

/**
 * The ids of the nodes that may be at fault, at most `most` of them: those that allocations had to leave, and the one on
 * which all fails that fails. What fails on several nodes does not fail because of them.
 */
export function affectedNodes(state: JobState, troubles: readonly Trouble[], most: number): string[] {
  const now = state.nomad.now();
  const recent = ({ ModifyTime }: AllocationStub) => now - (fromNanoseconds(ModifyTime) ?? 0) < lastHour;
  const left = state.latest.filter(
    (each) => recent(each) && /lost|migrated|drain|disconnect/i.test(each.DesiredDescription),
  );
  const present = troubles.filter(({ present: now }) => now).map(({ allocation }) => allocation);
  const failed = present.length > 0 ? withTasks(state).filter(({ ClientStatus }) => ClientStatus === "failed") : [];
  const failing = failedOn([...present, ...failed].filter(recent));
  const away = troubles.filter(({ allocation }) => ["lost", "unknown"].includes(allocation.ClientStatus));
  const ids = [...away.map(({ allocation }) => allocation.NodeID), ...left.map(({ NodeID }) => NodeID)];
  return [...new Set([...ids, ...(failing.size === 1 ? failing : [])])].slice(0, most);
}

/** The nodes on which allocations failed, those before them that they replace included. */
function failedOn(allocations: readonly AllocationStub[]): Set<string> {
  const before = allocations.flatMap(({ RescheduleTracker }) => RescheduleTracker?.Events ?? []);
  return new Set([...allocations.map(({ NodeID }) => NodeID), ...before.map(({ PrevNodeID }) => PrevNodeID)]);
}

/** That what fails does so on several nodes, so that none of them is the cause; empty where it is not known to. */
export function notTheNode(troubles: readonly Trouble[]): string {
  const present = troubles.filter((trouble) => trouble.present);
  const replaced = present.filter(({ allocation }) => allocation.RescheduleTracker?.Events?.length);
  const before = failedOn(replaced.map(({ allocation }) => allocation)).size;
  if (before > 1) return `it failed on ${before} nodes: not the node`;
  // Where a task ran and failed, not where one waits.
  const failing = new Map<string, Set<string>>();
  for (const { allocation, task, kind } of present.filter(({ logged, repeats }) => logged && repeats)) {
    const alike = `${allocation.TaskGroup}/${task}/${kind}`;
    failing.set(alike, (failing.get(alike) ?? new Set()).add(allocation.NodeID));
  }
  const now = Math.max(0, ...[...failing.values()].map(({ size }) => size));
  return now > 1 ? `it fails on ${now} nodes: not the node` : "";
}

/** Reads a node and what else fails on it: two requests, bounded however much runs there. What fails is left out. */
export async function readNode(nomad: NomadClient, id: string, job: string): Promise<AffectedNode> {
  const filter = `NodeID == ${literal(id)} and JobID != ${literal(job)} and (ClientStatus == "failed" or ClientStatus == "lost" or ClientStatus == "unknown" or ClientStatus == "pending")`;
  const query = { namespace: "*", filter, reverse: true, per_page: mostOthers };
  const [node, others] = await Promise.all([
    ifGiven(nomad.get(nodes.get, { node_id: id })),
    ifGiven(nomad.list(allocations.list, query)),
  ]);
  const name = node?.Name ?? others?.items[0]?.NodeName ?? short(id);
  return { node, name, others: others?.items };
}

/** What is wrong with the node itself: that it is away or takes nothing, or that a driver of the job fails on it. */
export function nodeLines({ node }: AffectedNode, state: JobState): string[] {
  if (node === undefined) return [];
  const since = stateSince(node, node);
  const word = nodeState(node);
  if (node.Status !== "ready") {
    return [`node ${node.Name} is ${word}${since === undefined ? "" : ` for ${age(since, state.nomad.now())}`}`];
  }
  const drivers = new Set(
    (state.job.TaskGroups ?? []).flatMap(({ Tasks }) => (Tasks ?? []).map(({ Driver }) => Driver)),
  );
  const ill = Object.entries(node.Drivers ?? {}).filter(([name, { Healthy }]) => drivers.has(name) && !Healthy);
  const lines = ill.map(
    ([name, { HealthDescription }]) =>
      `driver ${name} is unhealthy on ${node.Name}: ${quotedLine(HealthDescription) || "no reason given"}`,
  );
  if (!takesWork(node)) lines.push(`node ${node.Name} is ${word}: nothing new is placed there`);
  return lines;
}

/** Which other jobs fail on the node, with what; those that fail in the same way first. */
export function othersLine({ name, node, others }: AffectedNode, troubles: readonly Trouble[], now: number): string {
  const within = (each: AllocationStub, time: number) => now - (fromNanoseconds(each.ModifyTime) ?? 0) < time;
  const recent = (others ?? []).filter((each) => within(each, lastHour));
  const away = recent.filter(({ ClientStatus }) => ClientStatus === "lost" || ClientStatus === "unknown");
  if (node !== undefined && node.Status !== "ready" && away.length > 0) {
    const jobs = [...new Set(away.map(({ JobID }) => JobID))];
    return `${plural(away.length, "allocation")} of ${some(jobs, mostNamed)} went with it`;
  }
  const kinds = new Set(troubles.map(({ what }) => kindOf(what)));
  const failing = new Map<string, { text: string; alike: boolean }>();
  for (const { JobID, TaskStates } of recent.filter((each) => within(each, together))) {
    const what = troubleOf(TaskStates, now);
    if (what === undefined || failing.has(JobID)) continue;
    // That two programs end with the same code says nothing, but that several crash there may.
    const alike = !crash.test(what) && [...kinds].some((kind) => kind.endsWith(kindOf(what)));
    if (!alike && !(crash.test(what) && [...kinds].some((kind) => crash.test(kind)))) continue;
    failing.set(JobID, { alike, text: alike ? JobID : `${JobID} (${what.split(":", 1)[0]})` });
  }
  const jobs = [...failing.values()];
  const alike = jobs.filter((each) => each.alike).map(({ text }) => text);
  const other = jobs.filter((each) => !each.alike).map(({ text }) => text);
  const parts = [
    alike.length > 0 ? `${some(alike, mostNamed)} in the same way` : "",
    other.length > 0 ? some(other, mostNamed) : "",
  ].filter(Boolean);
  return parts.length > 0 ? `on ${name} fail too: ${parts.join("; ")}` : "";
}

function troubleOf(states: AllocationStub["TaskStates"], now: number): string | undefined {
  const found = Object.values(states ?? {}).map((state) => taskTrouble(state, now)?.what);
  return found.find((what) => what !== undefined && !what.startsWith("was stopped with"));
}

const crash = /exits with|was killed by/;

/** Without numbers, ids and how often: what two failures have in common. */
const kindOf = (what: string) => (what.split(/, \d/, 1)[0] ?? "").replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, "#");

/** That only the allocations on one node fail, while others of the group run elsewhere. */
export function onlyThere(state: JobState, troubles: readonly Trouble[]): string {
  const failing = troubles.filter(({ present }) => present).map(({ allocation }) => allocation);
  const [bad, ...more] = [...new Set(failing.map(({ NodeName }) => NodeName))];
  const groups = new Set(failing.map(({ TaskGroup }) => TaskGroup));
  const ids = new Set(failing.map(({ ID }) => ID));
  const well = state.current.filter(
    (each) => groups.has(each.TaskGroup) && each.ClientStatus === "running" && !ids.has(each.ID),
  );
  if (bad === undefined || more.length > 0 || well.length === 0 || well.some(({ NodeName }) => NodeName === bad))
    return "";
  return `only on ${bad}: ${plural(well.length, "other")} of the group ${well.length === 1 ? "runs" : "run"} elsewhere`;
}
