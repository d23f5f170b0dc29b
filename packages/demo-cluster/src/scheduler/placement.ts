import { isClientTerminal } from "../state/job-status.ts";
import type { Constraint, Job, Network, Port, TaskGroup } from "../state/job-types.ts";
import type { Node } from "../state/node-types.ts";
import type { Store } from "../state/store.ts";
import type { AllocatedResources, Allocation, Metric } from "../state/types.ts";
import { constraintText, escapesClass, meetsConstraint } from "./constraints.ts";
import { hasVolumes } from "./host-volumes.ts";
import { emptyMetric, exhaustNode, filterNode } from "./metric.ts";
import { assignPorts } from "./ports.ts";
import { scoreNode } from "./score.ts";

/** What one evaluation has decided so far, on top of what the store says. */
export interface Plan {
  stopped: Set<string>;
  placed: Allocation[];
  /** Which classes of nodes were found (un)fit, once for the job and once per group. */
  jobClasses: Map<string, boolean>;
  groupClasses: Map<string, Map<string, boolean>>;
}

/** Nothing is decided yet. */
export function emptyPlan(): Plan {
  return { stopped: new Set(), placed: [], jobClasses: new Map(), groupClasses: new Map() };
}

/** The place that was found for an allocation, or none; and how the search went. */
export interface Selection {
  node: Node | undefined;
  resources: AllocatedResources | undefined;
  metric: Metric;
}

const glob = (pattern: string, text: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*/g, ".*")
      .replace(/\?/g, ".")}$`,
  ).test(text);

/** Whether a node is where the job may run. */
export function nodeInReach(job: Job, node: Node): boolean {
  return job.Datacenters.some((pattern) => glob(pattern, node.Datacenter)) && inPool(job, node);
}

function inPool(job: Job, node: Node): boolean {
  return job.NodePool === "all" || job.NodePool === node.NodePool;
}

/** The nodes a job may use at all, and how many there are per datacenter. */
export function readyNodes(store: Store, job: Job): { nodes: Node[]; byDatacenter: Record<string, number> } {
  const nodes = [...store.nodes.values()].filter(
    (node) =>
      node.Status === "ready" && node.SchedulingEligibility === "eligible" && !node.Drain && nodeInReach(job, node),
  );
  const byDatacenter: Record<string, number> = {};
  for (const node of nodes) byDatacenter[node.Datacenter] = (byDatacenter[node.Datacenter] ?? 0) + 1;
  return { nodes, byDatacenter };
}

/** What runs on a node if the plan is carried out. What is only told to stop still takes its room. */
function proposedOn(store: Store, plan: Plan, node: Node): Allocation[] {
  const proposed = new Map<string, Allocation>();
  for (const alloc of store.allocs.values())
    if (alloc.NodeID === node.ID && !isClientTerminal(alloc) && !plan.stopped.has(alloc.ID))
      proposed.set(alloc.ID, alloc);
  for (const alloc of plan.placed) if (alloc.NodeID === node.ID) proposed.set(alloc.ID, alloc);
  return [...proposed.values()];
}

/** Constraints of a group are its own and those of its tasks. */
function groupConstraints(group: TaskGroup): Constraint[] {
  return [...(group.Constraints ?? []), ...group.Tasks.flatMap((task) => task.Constraints ?? [])];
}

function firstUnmet(constraints: readonly Constraint[], node: Node): string | undefined {
  const unmet = constraints.find((constraint) => !meetsConstraint(constraint, node));
  return unmet && constraintText(unmet);
}

/** Why a node cannot run the group, whatever else runs there; undefined where it can. */
function unfit(group: TaskGroup, node: Node): string | undefined {
  for (const task of group.Tasks) {
    const driver = node.Drivers[task.Driver];
    if (!driver?.Detected || !driver.Healthy) return "missing drivers";
  }
  const unmet = firstUnmet(groupConstraints(group), node);
  if (unmet !== undefined) return unmet;
  if (group.Tasks.some((task) => task.Resources.Devices)) return "missing devices";
  const network = group.Networks?.[0];
  const mode = network?.Mode || "host";
  if (network && mode !== "none" && !node.NodeResources.Networks.some((other) => other.Mode === mode))
    return "missing network";
  for (const port of [...(network?.DynamicPorts ?? []), ...(network?.ReservedPorts ?? [])])
    if ((port.HostNetwork ?? "default") !== "default")
      return `missing host network "${port.HostNetwork}" for port "${port.Label}"`;
  return undefined;
}

/** Looks at a node by its class first: what one of a class cannot run, none can. */
function feasible(store: Store, job: Job, group: TaskGroup, node: Node, plan: Plan, metric: Metric): boolean {
  const groups = plan.groupClasses.get(group.Name) ?? new Map<string, boolean>();
  plan.groupClasses.set(group.Name, groups);
  const stages: [Map<string, boolean>, boolean, () => string | undefined][] = [
    [plan.jobClasses, (job.Constraints ?? []).some(escapesClass), () => firstUnmet(job.Constraints ?? [], node)],
    [groups, groupConstraints(group).some(escapesClass), () => unfit(group, node)],
  ];
  for (const [classes, escaped, check] of stages) {
    const known = escaped ? undefined : classes.get(node.ComputedClass);
    if (known === false) {
      filterNode(metric, node, "computed class ineligible");
      return false;
    }
    const why = known ? undefined : check();
    if (!escaped) classes.set(node.ComputedClass, why === undefined);
    if (why !== undefined) {
      filterNode(metric, node, why);
      return false;
    }
  }
  const csi = Object.values(group.Volumes ?? {}).find(({ Type }) => Type === "csi");
  const others = proposedOn(store, plan, node);
  const why = !hasVolumes(store, { group, namespace: job.Namespace, jobId: job.ID, node, others })
    ? "missing compatible host volumes"
    : csi && `missing CSI volume(s) ${csi.Source}`;
  if (why !== undefined) filterNode(metric, node, why);
  return why === undefined;
}

function distinctHosts(job: Job, group: TaskGroup, others: readonly Allocation[]): boolean {
  const wanted = (list: readonly Constraint[] | null) =>
    list?.some((constraint) => constraint.Operand === "distinct_hosts" && constraint.RTarget !== "false") ?? false;
  const own = others.filter((alloc) => alloc.JobID === job.ID && alloc.Namespace === job.Namespace);
  if (wanted(job.Constraints) && own.length > 0) return false;
  return !(wanted(group.Constraints) && own.some((alloc) => alloc.TaskGroup === group.Name));
}

function askedBy(group: TaskGroup, networks: Network[] | null, ports: Port[] | null): AllocatedResources {
  return {
    Tasks: Object.fromEntries(
      group.Tasks.map(({ Name, Resources: asked }) => [
        Name,
        {
          Cpu: { CpuShares: asked.CPU, ReservedCores: null },
          Memory: { MemoryMB: asked.MemoryMB + asked.SecretsMB, MemoryMaxMB: 0 },
          Networks: null,
          Devices: null,
        },
      ]),
    ),
    TaskLifecycles: Object.fromEntries(group.Tasks.map((task) => [task.Name, task.Lifecycle])),
    Shared: { DiskMB: group.EphemeralDisk.SizeMB, Networks: networks, Ports: ports },
  };
}

/** Cpu, memory and disk of allocations together. Tasks of a group that never run at once are counted all the same: simpler, and rarely seen. */
function used(all: readonly AllocatedResources[]): { cpu: number; memory: number; disk: number } {
  const sum = { cpu: 0, memory: 0, disk: 0 };
  for (const { Tasks, Shared } of all) {
    sum.disk += Shared.DiskMB;
    for (const task of Object.values(Tasks)) {
      sum.cpu += task.Cpu.CpuShares;
      sum.memory += task.Memory.MemoryMB;
    }
  }
  return sum;
}

/** Finds the best of the nodes for one allocation of a group. */
export function selectNode(
  store: Store,
  plan: Plan,
  job: Job,
  group: TaskGroup,
  nodes: readonly Node[],
  options: { penalty?: ReadonlySet<string>; limit?: number; system?: boolean } = {},
): Selection {
  const metric = emptyMetric();
  metric.AllocationTime = store.chance.between(5_000, 150_000);
  const limit = options.limit ?? 2;
  type Option = { node: Node; resources: AllocatedResources; score: number };
  const good: Option[] = [];
  const skipped: Option[] = [];
  for (const node of options.system ? nodes : store.chance.shuffle(nodes)) {
    if (good.length >= limit) break;
    metric.NodesEvaluated++;
    if (!feasible(store, job, group, node, plan, metric)) continue;
    const others = proposedOn(store, plan, node);
    if (!distinctHosts(job, group, others)) {
      filterNode(metric, node, "distinct_hosts");
      continue;
    }
    const offer = assignPorts(group, node, others, store.chance);
    if (offer.error !== undefined) {
      exhaustNode(metric, node, offer.error);
      continue;
    }
    const resources = askedBy(group, offer.networks ?? null, (offer.ports as Port[] | null) ?? null);
    const sum = used([...others.map((alloc) => alloc.AllocatedResources), resources]);
    const { Cpu, Memory, Disk } = node.NodeResources;
    const short =
      sum.cpu > Cpu.CpuShares ? "cpu" : sum.memory > Memory.MemoryMB ? "memory" : sum.disk > Disk.DiskMB ? "disk" : "";
    if (short) {
      exhaustNode(metric, node, short);
      continue;
    }
    const score = scoreNode(job, group, node, others, sum, options, metric);
    const option = { node, resources, score };
    if (score <= 0 && skipped.length < 3 && !options.system) skipped.push(option);
    else good.push(option);
  }
  good.push(...skipped.slice(0, Math.max(0, limit - good.length)));
  const best = good.reduce<Option | undefined>((a, b) => (a && a.score >= b.score ? a : b), undefined);
  metric.ScoreMetaData?.sort((a, b) => b.NormScore - a.NormScore);
  return { node: best?.node, resources: best?.resources, metric };
}
