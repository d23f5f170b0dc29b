import { literal } from "../../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import { jobs } from "../../../endpoints/jobs.ts";
import type { AllocMetric } from "../../../endpoints/metric.ts";
import { type Node, type NodeStub, nodes as nodeRoutes } from "../../../endpoints/nodes.ts";
import { operator, type SchedulerConfig } from "../../../endpoints/operator.ts";
import { type HostVolume, volumes as volumeRoutes } from "../../../endpoints/volumes.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { orMissing } from "../../jobs/find.ts";
import { bringBack, takesWork } from "../../nodes/words.ts";
import { ifGiven } from "../../shared/parts.ts";
import { createStep, listStep, type VolumeToMake } from "../../volumes/steps.ts";
import { type AskingGroup, type AskingJob, constraintsOf } from "./asking.ts";
import { impliedBy } from "./implied.ts";
import { inReach, meets, type SeenNode } from "./meets.ts";
import { meaningOf } from "./metric-texts.ts";

/** The nodes of the cluster as far as they could be read. */
export interface Nodes {
  readonly nodes: readonly NodeStub[];
  /** True where these are all of them, so that "none" may be said. */
  readonly complete: boolean;
}

/** What of the cluster the reasons for a failed placement are looked up in. What could not be read is left out. */
export interface Surroundings extends Nodes {
  /** ms, by the server's clock. */
  readonly now: number;
  /** How a node takes work again, as a clause. */
  bringBack(node: NodeStub): string;
  /** How a dynamic host volume is made: the call, else the other text. */
  createVolume(volume: VolumeToMake, otherwise: string): string;
  /** What says how the volumes are whose name or id begins so, and who holds to them. */
  listVolumes(prefix: string): string;
  /** Some of the nodes with what they are: those that are away and may fit, then others. */
  readonly whole: readonly Node[];
  /** What holds the ports that are taken. */
  readonly holders?: readonly AllocationStub[] | undefined;
  /** What runs on the nodes that are full, by node; only where all of it was read. */
  readonly fillers?: ReadonlyMap<string, readonly AllocationStub[]>;
  /** Those of them whose job could make way for this one, were preemption on. */
  readonly weaker?: readonly AllocationStub[];
  readonly preemption?: SchedulerConfig | undefined;
  /** Dynamic host volumes of the names that the job asks for, by id; undefined for what is not the job's to see. */
  readonly volumes: ReadonlyMap<string, HostVolume | undefined>;
}

/** With their resources nodes are 2.5 KB each and more, whole they are 10: this many at most are read. */
const mostSized = 20;
const mostBare = 50;
const mostWhole = 3;
const mostVolumes = 3;
const mostHolders = 20;
const mostFillers = 60;
const mostAsked = 10;
/** More full nodes than this are not told one by one. */
const mostFull = 3;
/** A job is preempted by one that is so much more urgent (scheduler/preemption.go). */
const preemptionGap = 10;

/**
 * Reads what the reasons need, the nodes, then at most three of them whole, what holds a port, what fills them, and the
 * volumes. At most eleven requests, whatever the size of the cluster. Undefined where the nodes cannot be
 * read: the sentences then say less.
 */
export async function surroundings(
  nomad: NomadClient,
  job: AskingJob,
  failed: Readonly<Record<string, AllocMetric>>,
): Promise<Surroundings | undefined> {
  const entries = Object.entries(failed);
  if (entries.length === 0) return undefined;
  const sized = entries.some(([, { DimensionExhausted: out }]) => out && ("memory" in out || "cpu" in out));
  const query = { resources: sized || undefined, per_page: sized ? mostSized : mostBare };
  const page = await ifGiven(nomad.list(nodeRoutes.list, query));
  if (page === undefined) return undefined;
  const nodes = page.items;
  const groups = entries.flatMap(([name, metric]) => {
    const group = (job.TaskGroups ?? []).find(({ Name }) => Name === name);
    return group === undefined ? [] : [{ group, metric }];
  });
  const ports = [...new Set(entries.flatMap(([, metric]) => takenPorts(metric)))];
  const [whole, holders, filled, volumes] = await Promise.all([
    readWhole(nomad, worthReading(job, groups, nodes)),
    ports.length > 0 ? readHolders(nomad, ports) : undefined,
    sized ? readFillers(nomad, job, fullNodes(job, groups, nodes)) : undefined,
    readVolumes(nomad, groups, nodes),
  ]);
  return {
    ...{ nodes, complete: page.next === undefined, now: nomad.now(), whole, holders, volumes, ...filled },
    bringBack: (node) => bringBack(nomad, node),
    createVolume: (volume, otherwise) => createStep(nomad, volume, otherwise),
    listVolumes: (prefix) => listStep(nomad, prefix),
  };
}

interface Failed {
  readonly group: AskingGroup;
  readonly metric: AllocMetric;
}

/** The static ports on which an allocation collided. */
function takenPorts({ DimensionExhausted }: AllocMetric): number[] {
  return Object.keys(DimensionExhausted ?? {}).flatMap((text) => {
    const meaning = meaningOf(text);
    return meaning.kind === "port" ? [meaning.port] : [];
  });
}

/** Nodes of which more must be known: those that take no work and may fit, and what constraints on attributes are about. */
function worthReading(job: AskingJob, groups: readonly Failed[], nodes: readonly NodeStub[]): NodeStub[] {
  const away = nodes.filter(
    (node) => !takesWork(node) && groups.some(({ group }) => mayFit(job, group, { node }) !== false),
  );
  const asked = groups.some(({ group, metric }) =>
    Object.keys(metric.ConstraintFiltered ?? {}).some(
      (text) => /^\$\{(meta|attr)\./.test(text) && impliedBy(text, group) === undefined,
    ),
  );
  const others = asked ? nodes.filter((node) => takesWork(node) && inReach(job, node)) : [];
  return [...away, ...others].slice(0, mostWhole);
}

/**
 * Whether the node meets all that the group asks of a node, apart from room on it; undefined where what was read does not
 * tell.
 */
export function mayFit(job: AskingJob, group: AskingGroup, seen: SeenNode): boolean | undefined {
  const { node } = seen;
  if (!inReach(job, node)) return false;
  const drivers = (group.Tasks ?? []).map(({ Driver }) => node.Drivers?.[Driver]);
  // A node that is down keeps the drivers that it last had.
  if (drivers.some((driver) => !driver?.Detected)) return false;
  const volumes = Object.values(group.Volumes ?? {}).filter(({ Type }) => Type === "host" || Type === "");
  if (volumes.some(({ Source, PerAlloc }) => !PerAlloc && node.HostVolumes?.[Source] === undefined)) return false;
  const met = constraintsOf(job, group).map((constraint) => meets(constraint, seen));
  return met.includes(false) ? false : met.includes(undefined) ? undefined : true;
}

/**
 * The nodes that meet all constraints, are large enough, and are full; none where they are too many to tell of each.
 */
function fullNodes(job: AskingJob, groups: readonly Failed[], nodes: readonly NodeStub[]): NodeStub[] {
  const full = nodes.filter(
    (node) =>
      takesWork(node) &&
      groups.some(({ group }) => isLargeEnough(group, node) && mayFit(job, group, { node }) !== false),
  );
  return full.length > mostFull ? [] : full;
}

function isLargeEnough({ Tasks }: AskingGroup, { NodeResources }: NodeStub): boolean {
  const sum = (of: (task: { CPU: number; MemoryMB: number }) => number) =>
    (Tasks ?? []).reduce((total, { Resources }) => total + (Resources ? of(Resources) : 0), 0);
  const { Cpu, Memory } = NodeResources ?? {};
  return sum(({ CPU }) => CPU) <= (Cpu?.CpuShares ?? 0) && sum(({ MemoryMB }) => MemoryMB) <= (Memory?.MemoryMB ?? 0);
}

async function readWhole(nomad: NomadClient, nodes: readonly NodeStub[]): Promise<Node[]> {
  const read = await Promise.all(nodes.map(({ ID }) => ifGiven(nomad.get(nodeRoutes.get, { node_id: ID }))));
  return read.filter((node): node is Node => node !== undefined);
}

const runs = '(ClientStatus == "running" or ClientStatus == "pending") and DesiredStatus == "run"';

async function readHolders(nomad: NomadClient, ports: readonly number[]) {
  const any = ports.map((port) => `port.Value == ${port}`).join(" or ");
  const filter = `${runs} and (any AllocatedResources.Shared.Ports as port { ${any} })`;
  const query = { namespace: "*", filter, resources: true, task_states: false, per_page: mostHolders };
  return (await ifGiven(nomad.list(allocations.list, query)))?.items;
}

async function readFillers(nomad: NomadClient, job: AskingJob, nodes: readonly NodeStub[]) {
  if (nodes.length === 0) return {};
  const there = `${runs} and (${nodes.map(({ ID }) => `NodeID == ${literal(ID)}`).join(" or ")})`;
  const query = { namespace: "*", resources: true, task_states: false, per_page: mostFillers };
  const [page, preemption] = await Promise.all([
    ifGiven(nomad.list(allocations.list, { ...query, filter: there })),
    ifGiven(nomad.get(operator.schedulerConfiguration)),
  ]);
  if (page === undefined || page.next !== undefined) return {};
  const fillers = new Map<string, AllocationStub[]>(nodes.map(({ ID }) => [ID, []]));
  for (const allocation of page.items) fillers.get(allocation.NodeID)?.push(allocation);
  return { fillers, preemption, weaker: await readWeaker(nomad, job, page.items) };
}

/** What of it has a job of a priority so low that this one could preempt it. Allocations do not tell their priority. */
async function readWeaker(nomad: NomadClient, job: AskingJob, fillers: readonly AllocationStub[]) {
  const ids = [...new Set(fillers.map(({ JobID }) => JobID))].filter((id) => id !== job.ID).slice(0, mostAsked);
  if (ids.length === 0) return [];
  const filter = `(${ids.map((id) => `ID == ${literal(id)}`).join(" or ")})`;
  const query = { namespace: "*", filter, per_page: 2 * mostAsked };
  const listed = await ifGiven(nomad.list(jobs.list, query));
  const below = (job.Priority ?? 50) - preemptionGap;
  const weak = (listed?.items ?? []).filter(({ Priority }) => Priority !== undefined && Priority <= below);
  return fillers.filter(({ JobID, Namespace }) =>
    weak.some((each) => each.ID === JobID && each.Namespace === Namespace),
  );
}

/** The dynamic host volumes of the asked names that nodes have. */
async function readVolumes(nomad: NomadClient, groups: readonly Failed[], nodes: readonly NodeStub[]) {
  const lacking = groups.filter(({ metric }) => metric.ConstraintFiltered?.["missing compatible host volumes"]);
  const names = lacking.flatMap(({ group }) => hostVolumesOf(group).map(({ Source }) => Source));
  const ids = nodes.flatMap(({ HostVolumes }) => names.flatMap((name) => HostVolumes?.[name]?.ID || []));
  const asked = [...new Set(ids)].slice(0, mostVolumes);
  // A volume of another namespace is answered as if there were none; where the token may not look, nothing is known.
  const volumes = await Promise.all(
    asked.map((id) =>
      ifGiven(orMissing(nomad.get(volumeRoutes.host, { volume_id: id })).then((value) => ({ id, value }))),
    ),
  );
  return new Map(volumes.flatMap((one) => (one === undefined ? [] : [[one.id, one.value] as const])));
}

/** The group's host volumes; `per_alloc` numbers them, and the first stands for all. */
export function hostVolumesOf(group: AskingGroup) {
  return Object.values(group.Volumes ?? {})
    .filter(({ Type }) => Type === "host" || Type === "")
    .map((volume) => (volume.PerAlloc ? { ...volume, Source: `${volume.Source}[0]` } : volume));
}
