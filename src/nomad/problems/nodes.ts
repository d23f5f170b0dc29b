import { path } from "../../api/path.ts";
import type { AllocationStub, NodeStub } from "../../api/types.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { age, ago, fromGoTime } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { all, plural, some } from "../../text/words.ts";
import { command } from "../next-step.ts";
import { given, part } from "../parts.ts";
import { gather } from "./gather.ts";
import type { Jobs } from "./jobs-seen.ts";
import type { Look } from "./look.ts";
import { jobName, type Problem } from "./problem.ts";

/** So many nodes are read to say since when they are down: the list does not. */
const mostRead = 2;
/** More nodes than this in the same state in a datacenter are one line. */
const mostAlone = 2;

/** Nodes that are gone, with the jobs that they took along; nodes that take no work; drivers that do not work. */
export async function nodeProblems(look: Look, jobs: Jobs, signal: AbortSignal): Promise<Problem[]> {
  const nodes = given(look.nodes)?.items ?? [];
  const gone = nodes.filter(({ Status }) => Status === "down" || Status === "disconnected");
  const since = await sinceWhen(look, gone.slice(0, mostRead), signal);
  const lost = given(look.lost)?.items ?? [];
  const ready = nodes.filter(({ Status }) => Status === "ready");
  return [
    ...grouped(gone, ({ Status }) => `is ${Status}`).map((group) => goneProblem(group, lost, jobs, since, look.nomad)),
    ...grouped(ready.filter(isAway), (node) => awayState(node, look.nomad.now())).map(
      ({ nodes, state }): Problem => ({
        rank: "node away",
        sentence: `${named(nodes)} ${plurally(nodes, state)}`,
        jobs: [],
      }),
    ),
    ...driverProblems(ready),
  ];
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

function goneProblem(
  { nodes, state }: Group,
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
  const names = (keys: readonly string[]) =>
    some(
      keys.toSorted().map((key) => jobName(jobs.affected(key), nomad.home)),
      8,
    );
  const stranded = [...there.keys()].filter((key) => jobs.isShort(key));
  const moved = [...there].flatMap(([key, { NextAllocation }]) =>
    NextAllocation !== "" && !stranded.includes(key) ? [key] : [],
  );
  const rest = [...there.keys()].filter((key) => !stranded.includes(key) && !moved.includes(key));
  for (const key of stranded) jobs.tell(key);
  const [first] = nodes;
  const at = nodes.length === 1 && first ? since.get(first.ID) : undefined;
  const whom = there.size > 0 ? `: ${plural(there.size, "job")} affected` : "";
  return {
    rank: "node lost",
    sentence: `${named(nodes)} ${plurally(nodes, state)}${at === undefined ? "" : ` since ${age(at, jobs.now)}`}${whom}`,
    jobs: [...stranded, ...rest].map(jobs.affected),
    details: [
      ...jobs.lacksOf(stranded).map(([lack, keys]) => `no place elsewhere, ${lack}: ${names(keys)}`),
      ...(rest.length > 0 ? [`not replaced: ${names(rest)}`] : []),
      ...(moved.length > 0 ? [`moved to other nodes: ${names(moved)}`] : []),
    ],
    next: command(nomad.in(nomad.home), "node status", first?.Name ?? ""),
  };
}

async function sinceWhen(
  { nomad }: Look,
  nodes: readonly NodeStub[],
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const read = nodes.map(async ({ ID }) => {
    const node = given(await part(signal, nomad.get<{ StatusUpdatedAt: number }>(path`/v1/node/${ID}`)));
    return [ID, (node?.StatusUpdatedAt ?? 0) * 1000] as const;
  });
  return new Map((await Promise.all(read)).filter(([, at]) => at > 0));
}

const isAway = ({ Drain, SchedulingEligibility }: NodeStub) => Drain || SchedulingEligibility === "ineligible";

function awayState({ Drain, LastDrain }: NodeStub, now: number): string {
  const at = fromGoTime(Drain ? LastDrain?.StartedAt : LastDrain?.UpdatedAt);
  if (Drain) return `is draining${at === undefined ? "" : ` since ${age(at, now)}`}`;
  const drained = LastDrain?.Status === "complete" && at !== undefined ? `, drained ${ago(at, now)}` : "";
  return `takes no new work: ineligible${drained}`;
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
