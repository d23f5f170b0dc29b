import { literal } from "../../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import { type NodeStub, nodes as nodeRoutes } from "../../../endpoints/nodes.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { gather } from "../../../text/gather.ts";
import { age, ago } from "../../../text/time.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { all, plural, some } from "../../../text/words.ts";
import { drainedAt, enableStep, nodeState, stateSince, takesWork } from "../../nodes/words.ts";
import { given, part } from "../../shared/parts.ts";
import type { Jobs } from "./jobs-seen.ts";
import type { JobsLook } from "./look.ts";
import { jobName, type Problem } from "./problem.ts";

/** So many nodes are read to say since when they are down: the list does not. */
const mostRead = 2;
/** More nodes than this in the same state in a datacenter are one line. */
const mostAlone = 2;

/** Nodes that are gone or take no work, with the jobs that have no other place; drivers that do not work. */
export async function nodeProblems(look: JobsLook, jobs: Jobs, signal: AbortSignal): Promise<Problem[]> {
  const nodes = given(look.nodes)?.items ?? [];
  const gone = nodes.filter(({ Status }) => Status === "down" || Status === "disconnected");
  const ready = nodes.filter(({ Status }) => Status === "ready");
  const away = ready.filter((node) => !takesWork(node));
  const [since, places] = await Promise.all([
    sinceWhen(look, gone.slice(0, mostRead), signal),
    away.length > 0 ? lastPlaces(look, jobs, signal) : new Map<string, string>(),
  ]);
  const lost = given(look.lost)?.items ?? [];
  const hit = (group: Group) => ({ ...group, waiting: waitingFor(group.nodes, jobs, places) });
  return [
    ...grouped(gone, ({ Status }) => `is ${Status}`).map((group) =>
      goneProblem(hit(group), lost, jobs, since, look.nomad),
    ),
    ...grouped(away, (node) => awayState(node, look.nomad.now())).map((group) =>
      awayProblem(hit(group), jobs, look.nomad),
    ),
    ...driverProblems(ready),
  ];
}

/** So many of the jobs that wait for a place are asked where they were. */
const mostPlaces = 20;

/** The node on which the newest ended allocation of each job was that waits for a place now, by the job's key. */
async function lastPlaces(look: JobsLook, jobs: Jobs, signal: AbortSignal): Promise<Map<string, string>> {
  const waiting = jobs.short.filter((key) => !jobs.neverRan(key)).slice(0, mostPlaces);
  if (waiting.length === 0) return new Map();
  const of = waiting.map((key) => `JobID == ${literal(jobs.affected(key).id)}`).join(" or ");
  const query = { filter: `(${of}) and DesiredStatus != "run"`, reverse: true, per_page: 100, task_states: false };
  const found = given(await part(signal, look.nomad.list(allocations.list, query)));
  const places = new Map<string, string>();
  for (const allocation of found?.items ?? []) {
    const key = jobs.keyOf(allocation);
    if (key !== undefined && !places.has(key)) places.set(key, allocation.NodeID);
  }
  return places;
}

/** The jobs that wait for one of these nodes: they were on it last, or what they lack names it. */
function waitingFor(nodes: readonly NodeStub[], jobs: Jobs, places: ReadonlyMap<string, string>): string[] {
  const ids = new Set(nodes.map(({ ID }) => ID));
  const named = nodes.flatMap(({ ID, Name }) => [Name, ID].flatMap((name) => [`= ${name}`, `: ${name} is `]));
  return jobs.short.filter((key) => {
    const lack = `${jobs.lackOf(key)} `;
    return !jobs.isTold(key) && (ids.has(places.get(key) ?? "") || named.some((name) => lack.includes(name)));
  });
}

interface Group {
  readonly nodes: readonly NodeStub[];
  /** "is down" */
  readonly state: string;
}

/** Nodes of the same state in the same datacenter together, where they are more than a few. */
function grouped(nodes: readonly NodeStub[], state: (node: NodeStub) => string): Group[] {
  const groups = gather(nodes, (node) => `${state(node)}\n${node.Datacenter}`);
  return [...groups.values()].flatMap((members): Group[] => {
    const [first] = members;
    if (first === undefined) return [];
    if (members.length > mostAlone) return [{ nodes: members, state: state(first) }];
    return members.map((node) => ({ nodes: [node], state: state(node) }));
  });
}

function named(nodes: readonly NodeStub[]): string {
  const [first] = nodes;
  const where = first?.Datacenter ?? "";
  if (nodes.length === 1) return `node ${first?.Name} (${where})`;
  return `${plural(nodes.length, "node")} in ${where} (${some(
    nodes.map(({ Name }) => Name),
    6,
  )})`;
}

const plurally = (nodes: readonly NodeStub[], state: string) =>
  nodes.length > 1 ? state.replace(/^is /, "are ").replace(/^takes /, "take ") : state;

/** A group of nodes with the jobs that wait for one of them. */
interface Hit extends Group {
  readonly waiting: readonly string[];
}

function goneProblem(
  { nodes, state, waiting }: Hit,
  lost: readonly AllocationStub[],
  jobs: Jobs,
  since: Map<string, number>,
  nomad: NomadClient,
): Problem {
  const ids = new Set(nodes.map(({ ID }) => ID));
  const there = new Map<string, AllocationStub>();
  for (const allocation of lost) {
    const key = jobs.keyOf(allocation);
    if (ids.has(allocation.NodeID) && key !== undefined && !there.has(key)) there.set(key, allocation);
  }
  const stranded = [...new Set([...[...there.keys()].filter((key) => jobs.isShort(key)), ...waiting])];
  const open = [...there].filter(([key]) => !stranded.includes(key));
  const keys = (which: (allocation: AllocationStub) => boolean) =>
    open.flatMap(([key, allocation]) => (which(allocation) ? [key] : []));
  const stays = keys(({ JobType }) => JobType === "system" || JobType === "sysbatch");
  // A canary that was lost is placed anew without a word of which it replaces.
  const moved = keys((each) => each.NextAllocation !== "" || each.DeploymentStatus?.Canary === true).filter(
    (key) => !stays.includes(key),
  );
  const rest = keys(() => true).filter((key) => !stays.includes(key) && !moved.includes(key));
  const [first] = nodes;
  const at = nodes.length === 1 && first ? since.get(first.ID) : undefined;
  const affected = stranded.length + open.length;
  return {
    rank: "node lost",
    sentence: `${named(nodes)} ${plurally(nodes, state)}${at === undefined ? "" : ` since ${age(at, jobs.now)}`}`,
    ...(affected > 0 && { whom: `${plural(affected, "job")} affected` }),
    jobs: [...stranded, ...rest].map(jobs.affected),
    details: [
      ...strandedLines(nodes, stranded, jobs, nomad),
      ...(rest.length > 0 ? [`not replaced: ${names(rest, jobs, nomad)}`] : []),
      ...(moved.length > 0 ? [`moved to other nodes: ${names(moved, jobs, nomad)}`] : []),
      ...(stays.length > 0 ? [`run there again once it is back: ${names(stays, jobs, nomad)}`] : []),
    ],
    ...(first && { node: first.Name }),
  };
}

/** Nodes that are kept from work on purpose: a problem of their own only where jobs wait for them. */
function awayProblem({ nodes, state, waiting }: Hit, jobs: Jobs, nomad: NomadClient): Problem {
  const sentence = `${named(nodes)} ${plurally(nodes, state)}`;
  if (waiting.length === 0) return { rank: "node away", sentence, jobs: [] };
  const [first] = nodes;
  const back = first && enableStep(nomad, first);
  return {
    rank: "node lost",
    sentence,
    whom: `${plural(waiting.length, "job waits", "jobs wait")} for ${nodes.length === 1 ? "it" : "them"}`,
    jobs: waiting.map(jobs.affected),
    details: strandedLines(nodes, waiting, jobs, nomad),
    ...(back && { next: `${back} once its maintenance is over` }),
  };
}

function strandedLines(nodes: readonly NodeStub[], stranded: readonly string[], jobs: Jobs, nomad: NomadClient) {
  for (const key of stranded) jobs.tell(key);
  const ofThese = (lack: string) =>
    nodes.some(({ ID, Name }) => `${lack} `.includes(`= ${Name} `) || lack.includes(ID));
  return jobs
    .lacksOf(stranded)
    .map(
      ([lack, keys]) =>
        `no place elsewhere, ${ofThese(lack) ? "tied to it by a constraint" : lack}: ${names(keys, jobs, nomad)}`,
    );
}

function names(keys: readonly string[], jobs: Jobs, nomad: NomadClient): string {
  return some(
    keys.toSorted().map((key) => jobName(jobs.affected(key), nomad.home)),
    8,
  );
}

async function sinceWhen(
  { nomad }: JobsLook,
  nodes: readonly NodeStub[],
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const read = nodes.map(async ({ ID }) => {
    const node = given(await part(signal, nomad.get(nodeRoutes.get, { node_id: ID })));
    const at = node && stateSince(node, node);
    return at === undefined ? [] : [[ID, at] as const];
  });
  return new Map((await Promise.all(read)).flat());
}

function awayState(node: NodeStub, now: number): string {
  const [since, drained] = [stateSince(node), drainedAt(node)];
  if (node.Drain) return `is draining${since === undefined ? "" : ` since ${age(since, now)}`}`;
  return `takes no new work: ${nodeState(node)}${drained === undefined ? "" : `, drained ${ago(drained, now)}`}`;
}

/** A driver that a node has and that does not work; one that it never had is no fault. */
function driverProblems(nodes: readonly NodeStub[]): Problem[] {
  const broken = nodes.flatMap((node) =>
    Object.entries(node.Drivers ?? {}).flatMap(([driver, { Detected, Healthy, HealthDescription }]) =>
      Detected && !Healthy
        ? [{ node: node.Name, text: `driver ${driver} is unhealthy (${quotedLine(HealthDescription)})` }]
        : [],
    ),
  );
  return [...gather(broken, ({ text }) => text)].map(
    ([text, where]): Problem => ({
      rank: "node away",
      sentence: `${text} on ${
        where.length > 6
          ? some(
              where.map(({ node }) => node),
              6,
            )
          : all(where.map(({ node }) => node))
      }`,
      jobs: [],
    }),
  );
}
