import type { Job, Task, TaskGroup } from "../../endpoints/job.ts";
import type { AllocMetric } from "../../endpoints/metric.ts";
import type { NodeStub } from "../../endpoints/nodes.ts";
import { all, grouped, plural } from "../../text/words.ts";
import { type Nodes, noNodes, type Reason } from "./placement-nodes.ts";

/** Why the scheduler could not place a group, and what would change that. */
export interface Placement {
  readonly group: string;
  /** How many allocations of the group wait for a place. */
  readonly waiting: number;
  /** Sentences without a full stop, the one that rules out most nodes first. */
  readonly reasons: readonly string[];
  /** What would let it be placed; only what follows from the reasons. */
  readonly cures: readonly string[];
}

/** What the sentences need of a job: one that runs, or one that is only planned. */
export type AskingJob = Pick<Job, "Datacenters" | "NodePool"> & { readonly TaskGroups: readonly AskingGroup[] | null };

type AskingGroup = Pick<TaskGroup, "Name" | "Volumes" | "EphemeralDisk"> & {
  readonly Tasks: readonly Pick<Task, "Name" | "Driver" | "Resources">[] | null;
};

/**
 * A scheduler's metrics as sentences, names taken from the job. Each node is counted under its first failing reason only
 * (nomad-observed §2), so nothing is said of what else might fail on it.
 */
export function explainPlacement(
  job: AskingJob,
  name: string,
  metric: AllocMetric,
  seen: Nodes | undefined,
): Placement {
  const group = (job.TaskGroups ?? []).find((each) => each.Name === name);
  const unseen = metric.NodesEvaluated === 0 && !metric.QuotaExhausted?.length;
  const found = unseen ? noNodes(job, metric, seen) : reasons(group, metric, seen);
  const sorted = [...found].sort((one, other) => other.nodes - one.nodes);
  return {
    group: name,
    waiting: metric.CoalescedFailures + 1,
    reasons: sorted.map(({ sentence }) => sentence),
    cures: [...new Set(sorted.flatMap(({ cure }) => (cure ? [cure] : [])))],
  };
}

/** Placements of all groups that failed in one evaluation, sorted by name. */
export function explainAll(
  job: AskingJob,
  failed: Readonly<Record<string, AllocMetric>>,
  seen: Nodes | undefined,
): Placement[] {
  const groups = Object.entries(failed).sort(([one], [other]) => (one < other ? -1 : 1));
  return groups.map(([name, metric]) => explainPlacement(job, name, metric, seen));
}

function reasons(group: AskingGroup | undefined, metric: AllocMetric, seen: Nodes | undefined): Reason[] {
  const of = (count: number) => `${grouped(count)} of ${plural(metric.NodesEvaluated, "node")}`;
  const filtered = filters(metric).map(([text, count]) => ({ ...constraint(text, group, of(count)), nodes: count }));
  const exhausted = Object.entries(metric.DimensionExhausted ?? {}).map(([text, count]) => ({
    ...dimension(text, group, of(count), count === metric.NodesEvaluated, seen),
    nodes: count,
  }));
  const quotas = (metric.QuotaExhausted ?? []).map((text) => ({
    sentence: `the namespace's quota is used up: ${text}`,
    cure: "raise the quota or stop something in the namespace",
    nodes: metric.NodesEvaluated,
  }));
  const found = [...filtered, ...exhausted, ...quotas];
  if (found.length > 0) return found;
  return [
    { sentence: `${of(metric.NodesFiltered + metric.NodesExhausted)} were ruled out; Nomad gives no reason`, nodes: 0 },
  ];
}

/**
 * What filtered how many nodes. Nodes that are alike share a class: Nomad counts the first under its reason and the others
 * under "computed class ineligible", so these belong to the reason where there is only one.
 */
function filters(metric: AllocMetric): [string, number][] {
  const { "computed class ineligible": alike = 0, ...reasons } = metric.ConstraintFiltered ?? {};
  const [only, ...more] = Object.entries(reasons);
  if (only === undefined) return alike > 0 ? [["computed class ineligible before", alike]] : [];
  if (more.length === 0) return [[only[0], only[1] + alike]];
  return [only, ...more, ...(alike > 0 ? [["computed class ineligible", alike] as [string, number]] : [])];
}

function constraint(text: string, group: AskingGroup | undefined, of: string): Omit<Reason, "nodes"> {
  const tasks = group?.Tasks ?? [];
  if (text === "missing drivers") {
    const drivers = [...new Set(tasks.map((task) => task.Driver))];
    const which = drivers.length === 1 ? `the driver ${drivers[0]}` : `one of the drivers ${all(drivers)}`;
    return {
      sentence: `${which} is missing or unhealthy on ${of}`,
      cure: `use another driver, or get ${all(drivers, "or")} running on a node (nomad node status -verbose)`,
    };
  }
  if (text === "missing devices") {
    const devices = tasks.flatMap((task) =>
      (task.Resources?.Devices ?? []).map(({ Name, Count }) => `${Count} × ${Name}`),
    );
    return { sentence: `${of} lack the device ${all(devices)}`, cure: "ask for a device that a node has" };
  }
  if (text === "missing compatible host volumes") {
    const volumes = Object.values(group?.Volumes ?? {}).filter(({ Type }) => Type === "host");
    return {
      sentence: `${of} lack the host volume ${all(volumes.map(({ Source }) => Source))}`,
      cure: "create the volume on a node, or correct its name in the job",
    };
  }
  if (text.startsWith("missing CSI volume")) {
    return {
      sentence: `${text.replace("missing CSI volume(s)", "there is no CSI volume")} (${of})`,
      cure: "register the volume, or correct its name",
    };
  }
  if (text === "missing network") return { sentence: `${of} have no network of the mode that the group asks for` };
  if (text.startsWith("missing host network")) {
    return {
      sentence: `${of} lack the ${text.slice("missing ".length)}`,
      cure: "configure the host network on a node, or drop it from the port",
    };
  }
  if (text === "distinct_hosts") {
    return { sentence: `distinct_hosts: ${of} already run one of this job`, cure: "lower the count, or add nodes" };
  }
  if (text.startsWith("distinct_property"))
    return { sentence: `${text} (${of})`, cure: "lower the count, or widen the constraint" };
  // The reason stands with the group that was looked at first.
  if (text === "computed class ineligible before") return { sentence: `${of} are of a kind that is ruled out already` };
  if (text === "computed class ineligible") return { sentence: `${of} are of the same kind as those` };
  if (/CSI|volume|plugin/.test(text)) return { sentence: `${text} (${of})` };
  return {
    sentence: `the constraint ${text} rules out ${of}`,
    cure: `change or drop the constraint ${text}, or add a node that meets it`,
  };
}

function dimension(
  text: string,
  group: AskingGroup | undefined,
  of: string,
  everywhere: boolean,
  seen: Nodes | undefined,
): Omit<Reason, "nodes"> {
  if (text === "memory")
    return resource(
      "memory",
      "MB",
      (node) => node.NodeResources?.Memory.MemoryMB,
      (task) => task.MemoryMB,
    );
  if (text === "cpu")
    return resource(
      "CPU",
      "MHz",
      (node) => node.NodeResources?.Cpu.CpuShares,
      (task) => task.CPU,
    );
  const port = /^network: reserved port collision (.+)=(\d+)$/.exec(text);
  if (port) {
    return {
      sentence: `port ${port[2]} (${port[1]}) is taken on ${of}`,
      cure: `use a dynamic port for ${port[1]}, lower the count, or free port ${port[2]}`,
    };
  }
  if (text === "network: dynamic port selection failed") return { sentence: `no dynamic port is free on ${of}` };
  if (text === "disk") {
    const size = group?.EphemeralDisk?.SizeMB;
    return {
      sentence: `${of} are short of disk${size ? ` (the group asks for ${grouped(size)} MB)` : ""}`,
      cure: "ask for a smaller ephemeral_disk",
    };
  }
  if (text.startsWith("devices:"))
    return { sentence: `${of} have no free device (${text.slice("devices:".length).trim()})` };
  return { sentence: `${text.replace(/^network: /, "network: ")} on ${of}` };

  type Size = (task: { CPU: number; MemoryMB: number }) => number;
  function resource(
    name: string,
    unit: string,
    has: (node: NodeStub) => number | undefined,
    size: Size,
  ): Omit<Reason, "nodes"> {
    const tasks = (group?.Tasks ?? []).flatMap((task) =>
      task.Resources ? [{ name: task.Name, needs: size(task.Resources) }] : [],
    );
    const needs = tasks.reduce((total, task) => total + task.needs, 0);
    const wanted = `${grouped(needs)} ${unit} of ${name}`;
    const whom =
      tasks.length === 1
        ? `task ${tasks[0]?.name}`
        : `tasks ${all(tasks.map((task) => `${task.name} (${grouped(task.needs)})`))} together`;
    const largest = seen?.complete ? Math.max(0, ...seen.nodes.map((node) => has(node) ?? 0)) : 0;
    const few = everywhere ? `no node has ${wanted} for ${whom}` : `${of} have not ${wanted} for ${whom}`;
    if (largest > 0 && largest < needs) {
      return {
        sentence: `${few}; ${everywhere ? `${of} ${of.endsWith(" 1 node") ? "is" : "are"}` : "they are"} too small, the largest has ${grouped(largest)} ${unit}`,
        cure: `ask for less than ${grouped(largest)} ${unit}, or add a larger node`,
      };
    }
    const free = largest > 0 ? `; the largest has ${grouped(largest)} ${unit}, but not that much free` : " free";
    return {
      sentence: everywhere ? `${few}${free}` : few,
      cure: `ask for less ${name}, stop something, or add a node`,
    };
  }
}
