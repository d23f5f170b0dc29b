import { literal } from "../../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import { evaluations } from "../../../endpoints/evaluations.ts";
import type { Node } from "../../../endpoints/nodes.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { fromGoTime, fromNanoseconds } from "../../../text/time.ts";
import { hasEnded } from "../../allocations/words.ts";
import { lackOf } from "../../evaluations/placement/lack.ts";
import { ifGiven } from "../../shared/parts.ts";
import { readLive } from "../live.ts";
import { groupKey } from "./drained.ts";

/** What has left a node in its last drain. */
export interface Gone {
  /** What was told to leave and has ended; what ended by itself is not among it. */
  readonly gone: readonly AllocationStub[];
  /** What services that had to leave lack to be placed elsewhere, by {@link groupKey}. */
  readonly blocked: ReadonlyMap<string, string>;
  /** False where there is more than was read. */
  readonly complete: boolean;
}

/** How far a drain has come. */
export interface DrainProgress extends Gone {
  /** What has not ended. */
  readonly left: readonly AllocationStub[];
}

const mostGone = 200;
const mostBlocked = 20;

/** Reads how far the last drain of a node has come, in three requests; two more where thousands of allocations run there. */
export async function readProgress(nomad: NomadClient, node: Node): Promise<DrainProgress> {
  const [live, gone] = await Promise.all([readLive(nomad, [node.ID]), readGone(nomad, node)]);
  return { ...gone, left: live.on.get(node.ID) ?? [], complete: live.complete && gone.complete };
}

/** Reads what has left a node in its last drain, in two requests. */
export async function readGone(nomad: NomadClient, { ID, LastDrain }: Node): Promise<Gone> {
  const filter = `NodeID == ${literal(ID)} and DesiredStatus == "stop"`;
  const query = { namespace: "*", filter, per_page: mostGone, reverse: true, task_states: false };
  const { items, next } = await nomad.list(allocations.list, query);
  const began = fromGoTime(LastDrain?.StartedAt) ?? 0;
  const told = items.filter(
    ({ DesiredTransition, ModifyTime }) => DesiredTransition?.Migrate && (fromNanoseconds(ModifyTime) ?? 0) >= began,
  );
  const gone = told.filter(hasEnded);
  const open = told.filter(({ JobType, NextAllocation }) => JobType === "service" && NextAllocation === "");
  return { gone, blocked: await readBlocked(nomad, open), complete: next === undefined };
}

async function readBlocked(nomad: NomadClient, open: readonly AllocationStub[]): Promise<Map<string, string>> {
  const ids = [...new Set(open.map(({ JobID }) => JobID))].slice(0, mostBlocked);
  if (ids.length === 0) return new Map();
  const filter = `Status == "blocked" and (${ids.map((id) => `JobID == ${literal(id)}`).join(" or ")})`;
  const found = await ifGiven(nomad.list(evaluations.list, { namespace: "*", filter, per_page: mostBlocked }));
  return new Map(
    (found?.items ?? []).flatMap(({ JobID, Namespace, FailedTGAllocs }) =>
      Object.entries(FailedTGAllocs ?? {}).map(([TaskGroup, metric]): [string, string] => [
        groupKey({ JobID, Namespace, TaskGroup }),
        lackOf(metric, undefined, undefined),
      ]),
    ),
  );
}
