import { literal } from "../../../api/request/path.ts";
import { jobs as routes } from "../../../endpoints/jobs.ts";
import type { Node, NodeStub } from "../../../endpoints/nodes.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { given, ifGiven, type Part, part } from "../../shared/parts.ts";
import { readLive } from "../live.ts";
import { candidateFinder } from "./candidates.ts";
import { byGroup, type Drained } from "./drained.ts";
import { type Homeless, type Leaving, placeAll } from "./fit.ts";

/** What a drain would do to a group of a service. */
export interface Move extends Drained {
  /** So many of it run on other nodes; undefined where that could not be read. */
  readonly elsewhere: number | undefined;
  /** So many stop at a time. */
  readonly atOnce: number;
  /** What of it would find no other place; undefined where that is not known. */
  readonly homeless: Homeless | undefined;
}

/** What a drain of a node would do to what runs there. */
export interface DrainEffect {
  readonly node: Pick<Node, "ID" | "Name">;
  readonly services: readonly Move[];
  /** Ended by force at the deadline, and never placed again. */
  readonly batch: readonly Drained[];
  readonly sysbatch: readonly Drained[];
  /** Stopped last; they run on every node, and here again once it takes work. */
  readonly system: readonly Drained[];
  /** False where more runs there than was read. */
  readonly complete: boolean;
}

/** A job has 3 to 10 KB: of so many it is looked up what they ask of a node. */
const mostJobs = 20;

/**
 * Finds out what a drain of a node would do. At most 38 requests, whatever the cluster: what runs there, the counts of
 * its jobs, twenty jobs, ten kinds of nodes that they may go to, and what runs on those.
 */
export async function drainEffect(
  nomad: NomadClient,
  node: Pick<Node, "ID" | "Name">,
  signal: AbortSignal,
): Promise<Part<DrainEffect>> {
  const live = await part(signal, readLive(nomad, [node.ID]));
  if ("failed" in live) return live;
  const groups = byGroup((live.value.on.get(node.ID) ?? []).filter(({ ClientStatus }) => ClientStatus !== "unknown"));
  const of = (type: Drained["type"]) => groups.filter((group) => group.type === type);
  const services = of("service");
  const [elsewhere, homeless] = await Promise.all([
    part(signal, readElsewhere(nomad, services)),
    part(signal, readHomeless(nomad, node, services)),
  ]);
  const moves = services.map((group): Move => {
    const found = given(homeless)?.get(group);
    return {
      ...group,
      elsewhere: given(elsewhere)?.get(group),
      atOnce: found?.atOnce ?? 1,
      homeless: found?.homeless,
    };
  });
  return {
    value: {
      node,
      services: moves,
      batch: of("batch"),
      sysbatch: of("sysbatch"),
      system: of("system"),
      complete: live.value.complete,
    },
  };
}

/** How many of each group run on other nodes. */
async function readElsewhere(nomad: NomadClient, groups: readonly Drained[]): Promise<Map<Drained, number>> {
  const ids = [...new Set(groups.map(({ jobId }) => jobId))].slice(0, 2 * mostJobs);
  if (ids.length === 0) return new Map();
  const filter = ids.map((id) => `ID == ${literal(id)}`).join(" or ");
  const { items } = await nomad.list(routes.list, { namespace: "*", filter, per_page: 4 * mostJobs });
  return new Map(
    groups.flatMap((group) => {
      const job = items.find(({ ID, Namespace }) => ID === group.jobId && Namespace === group.namespace);
      const running = job?.JobSummary?.Summary?.[group.group]?.Running;
      const here = group.here.filter(({ ClientStatus }) => ClientStatus === "running").length;
      return running === undefined ? [] : [[group, Math.max(0, running - here)] as const];
    }),
  );
}

interface Found {
  readonly atOnce: number;
  readonly homeless: Homeless | undefined;
}

/** What of each group would find no place on another node. */
async function readHomeless(
  nomad: NomadClient,
  node: Pick<Node, "ID">,
  groups: readonly Drained[],
): Promise<Map<Drained, Found>> {
  const keys = [...new Set(groups.map(keyOf))].slice(0, mostJobs);
  const find = candidateFinder(nomad, node);
  const read = keys.map(async (key) => {
    const own = groups.filter((group) => keyOf(group) === key);
    const [first] = own;
    const job = first && (await ifGiven(nomad.in(first.namespace).get(routes.get, { job_id: first.jobId })));
    if (job === undefined) return [];
    const leaving = own.map(async (group): Promise<[Drained, Leaving][]> => {
      const spec = (job.TaskGroups ?? []).find(({ Name }) => Name === group.group);
      if (spec === undefined) return [];
      return [[group, { ...group, job, spec, candidates: await find(job, spec) }]];
    });
    return (await Promise.all(leaving)).flat();
  });
  const leaving = (await Promise.all(read)).flat();
  const nodes = new Map<string, NodeStub>();
  for (const [, { candidates }] of leaving) for (const each of candidates?.nodes ?? []) nodes.set(each.ID, each);
  const placed = placeAll(
    leaving.map(([, group]) => group),
    await readLive(nomad, [...nodes.keys()]),
  );
  return new Map(
    leaving.map(([group, each]) => [
      group,
      { atOnce: each.spec.Migrate?.MaxParallel ?? 1, homeless: placed.get(each) },
    ]),
  );
}

const keyOf = ({ namespace, jobId }: Drained) => JSON.stringify([namespace, jobId]);
