import type { Job, TaskGroup } from "../../../endpoints/job.ts";
import type { NodeStub } from "../../../endpoints/nodes.ts";
import { grouped } from "../../../text/words.ts";
import { constraintsOf } from "../../evaluations/placement/asking.ts";
import { cpu, freeOn, memory, taken } from "../capacity.ts";
import type { Live } from "../live.ts";
import type { Candidates } from "./candidates.ts";
import { type Drained, groupKey } from "./drained.ts";

/** A group that has to leave a node, and where it may go. */
export interface Leaving extends Drained {
  readonly job: Job;
  readonly spec: TaskGroup;
  /** Undefined where it was not looked for. */
  readonly candidates: Candidates | undefined;
}

/** Where there is no place for some of a group. */
export interface Homeless {
  readonly count: number;
  readonly why: string;
}

/** A node that may take something, with what is left on it. */
interface Room {
  readonly name: string;
  free: { memory: number; cpu: number };
  /** The jobs and groups that have something there. */
  readonly runs: Set<string>;
}

/**
 * Places what leaves a node on the others, the largest first, each where most memory is free: what finds no room, by group.
 * Undefined for a group of which it is not known. It is an estimate: the scheduler also spreads, packs and preempts.
 */
export function placeAll(leaving: readonly Leaving[], live: Live): Map<Leaving, Homeless | undefined> {
  const rooms = new Map<string, Room>();
  const roomOn = (node: NodeStub): Room | undefined => {
    const there = live.on.get(node.ID);
    if (there === undefined || !live.complete || !node.NodeResources) return undefined;
    const room = rooms.get(node.ID) ?? {
      name: node.Name,
      free: { memory: freeOn(node, there, memory), cpu: freeOn(node, there, cpu) },
      runs: new Set(there.map(groupKey)),
    };
    rooms.set(node.ID, room);
    return room;
  };
  const sizeOf = ({ here }: Leaving) => taken(here[0]?.AllocatedResources, memory);
  const placed = new Map<Leaving, Homeless | undefined>();
  for (const group of leaving.toSorted((one, other) => sizeOf(other) - sizeOf(one))) {
    placed.set(group, placeOne(group, roomOn));
  }
  return placed;
}

function placeOne(group: Leaving, roomOn: (node: NodeStub) => Room | undefined): Homeless | undefined {
  const { here, candidates } = group;
  const [first] = here;
  if (candidates === undefined || first === undefined) return undefined;
  if (candidates.why !== undefined) return { count: here.length, why: candidates.why };
  const rooms = candidates.nodes.map(roomOn);
  const known = rooms.filter((room) => room !== undefined);
  const alone = standsAlone(group);
  const needs = { memory: taken(first.AllocatedResources, memory), cpu: taken(first.AllocatedResources, cpu) };
  const free = (room: Room) => !(alone && room.runs.has(groupKey(first)));
  const fits = (room: Room) => free(room) && room.free.memory >= needs.memory && room.free.cpu >= needs.cpu;
  let left = here.length;
  for (; left > 0; left--) {
    const [best] = known.filter(fits).toSorted((one, other) => other.free.memory - one.free.memory);
    if (best === undefined) break;
    best.free = { memory: best.free.memory - needs.memory, cpu: best.free.cpu - needs.cpu };
    best.runs.add(groupKey(first));
  }
  if (left === 0) return { count: 0, why: "" };
  // Somewhere else there may be room.
  if (!candidates.complete || known.length < rooms.length) return undefined;
  const open = known.filter(free);
  const [most] = open.toSorted((one, other) => other.free.memory - one.free.memory);
  if (most === undefined) return { count: left, why: `no other node may have one more of ${alone}` };
  const size = `${grouped(needs.memory)} MB and ${grouped(needs.cpu)} MHz`;
  const there = `${grouped(Math.max(0, most.free.memory))} MB and ${grouped(Math.max(0, most.free.cpu))} MHz`;
  return { count: left, why: `each needs ${size}, and at most ${there} would be free elsewhere (${most.name})` };
}

/** Why no two of a group can be on one node; empty where they can. */
function standsAlone({ job, spec }: Leaving): string {
  if (constraintsOf(job, spec).some(({ Operand }) => Operand === "distinct_hosts")) return "it (distinct_hosts)";
  const networks = [
    ...(spec.Networks ?? []),
    ...(spec.Tasks ?? []).flatMap(({ Resources }) => Resources?.Networks ?? []),
  ];
  const ports = networks.flatMap(({ ReservedPorts }) => (ReservedPorts ?? []).map(({ Value }) => Value));
  return ports.length > 0 ? `it (static port ${ports.join(", ")})` : "";
}
