import type { AllocMetric } from "../../../endpoints/metric.ts";
import { all, grouped, plural } from "../../../text/words.ts";
import { cpu, type Dimension, memory } from "../../nodes/capacity.ts";
import type { AskingJob } from "./asking.ts";
import { awayReason } from "./away.ts";
import { constraintReason, driverReason } from "./constraint-reasons.ts";
import { filled, portHeld } from "./holders.ts";
import { meaningOf } from "./metric-texts.ts";
import { noNodes } from "./no-nodes.ts";
import { type Reason, verb } from "./reason.ts";
import type { Surroundings } from "./surroundings.ts";
import type { View } from "./view.ts";
import { unfitVolumes } from "./volumes.ts";

/** Why the scheduler could not place a group, and what would change that. */
export interface Placement {
  readonly group: string;
  /** How many allocations of the group wait for a place. */
  readonly waiting: number;
  /** Sentences without a full stop, the cause first. */
  readonly reasons: readonly string[];
  /** What would let it be placed; only what follows from the reasons. */
  readonly cures: readonly string[];
}

/**
 * A scheduler's metrics as sentences, names taken from the job. Each node is counted under its first failing reason only
 * (nomad-observed.md §2), so nothing is said of what else might fail on it. First stands that what would fit is away, then
 * what is exhausted on nodes that meet all constraints, and last what rules nodes out: that is the cause only where
 * nothing else is.
 */
export function explainPlacement(
  job: AskingJob,
  name: string,
  metric: AllocMetric,
  seen: Surroundings | undefined,
): Placement {
  const group = (job.TaskGroups ?? []).find((each) => each.Name === name);
  const unseen = metric.NodesEvaluated === 0 && !metric.QuotaExhausted?.length;
  const found = unseen ? noNodes(job, metric, seen, seen?.bringBack) : reasons({ job, group, metric, seen });
  return {
    group: name,
    waiting: metric.CoalescedFailures + 1,
    reasons: found.map(({ sentence }) => sentence),
    cures: [...new Set(found.flatMap(({ cures }) => cures))],
  };
}

/** Placements of all groups that failed in one evaluation, sorted by name. */
export function explainAll(
  job: AskingJob,
  failed: Readonly<Record<string, AllocMetric>>,
  seen: Surroundings | undefined,
): Placement[] {
  const groups = Object.entries(failed).sort(([one], [other]) => (one < other ? -1 : 1));
  return groups.map(([name, metric]) => explainPlacement(job, name, metric, seen));
}

function reasons(view: View): Reason[] {
  const { job, group, metric, seen } = view;
  const worst = (one: Reason, other: Reason) => other.nodes - one.nodes;
  const filtered = filters(metric)
    .map(([text, count]) => filter(text, count, view))
    .sort(worst);
  const exhausted = Object.entries(metric.DimensionExhausted ?? {})
    .map(([text, count]) => dimension(text, count, view))
    .sort(worst);
  const quotas = (metric.QuotaExhausted ?? []).map((text) => ({
    sentence: `the namespace's quota is used up: ${text}`,
    cures: ["raise the quota or stop something in the namespace"],
    nodes: metric.NodesEvaluated,
  }));
  const away = seen === undefined ? [] : awayReason(job, group, seen);
  const room = [...quotas, ...exhausted];
  // Where room is what lacks, that the constraints rule out the others says where a further node would have to be.
  const ruled = room.length + away.length > 0 ? filtered.map((each) => ({ ...each, cures: [] })) : filtered;
  const found = exhausted.length > 0 ? [...room, ...away, ...ruled] : [...away, ...room, ...ruled];
  if (found.length > 0) return found;
  const count = metric.NodesFiltered + metric.NodesExhausted;
  return [{ sentence: `${share(count, view)} were ruled out; Nomad gives no reason`, cures: [], nodes: 0 }];
}

/** "2 of 3 nodes"; "ready nodes" where the cluster has others, which were not looked at. */
function share(count: number, { metric, seen }: Pick<View, "metric" | "seen">): string {
  const others = seen?.complete === true && seen.nodes.length > metric.NodesEvaluated;
  return `${grouped(count)} of ${plural(metric.NodesEvaluated, others ? "ready node" : "node")}`;
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

function filter(text: string, nodes: number, view: View): Reason {
  const { group, job, seen } = view;
  const of = share(nodes, view);
  const lack = `${of} ${verb(nodes, "lacks", "lack")}`;
  const meaning = meaningOf(text);
  const reason = (sentence: string, ...cures: string[]): Reason => ({ sentence, cures, nodes });
  switch (meaning.kind) {
    case "drivers":
      return { ...driverReason(of, view), nodes };
    case "constraint":
      return { ...constraintReason(meaning, of, view), nodes };
    case "devices": {
      const devices = (group?.Tasks ?? []).flatMap(({ Resources }) =>
        (Resources?.Devices ?? []).map(({ Name, Count }) => `${Count} × ${Name}`),
      );
      return reason(`${lack} the device ${all(devices)}`, "ask for a device that a node has");
    }
    case "host volumes": {
      const unfit = group && seen && unfitVolumes(job, group, seen);
      if (unfit !== undefined) return { ...unfit, nodes };
      const names = Object.values(group?.Volumes ?? {}).flatMap(({ Type, Source }) =>
        Type === "host" ? [Source] : [],
      );
      return reason(
        `${of} ${verb(nodes, "does", "do")} not have the host volume ${all(names)} free for this use`,
        "create the volume on a node, or correct its name in the job",
      );
    }
    case "csi missing":
      return reason(`there is no CSI volume ${meaning.what} (${of})`, "register the volume, or correct its name");
    case "network": {
      const mode = group?.Networks?.[0]?.Mode || "host";
      return reason(
        `${lack} a network of mode ${mode}`,
        mode.startsWith("cni/")
          ? `put the CNI configuration ${mode.slice(4)} on the clients`
          : "ask for another network mode",
      );
    }
    case "secrets": {
      const names = (group?.Tasks ?? []).flatMap(({ Secrets }) => (Secrets ?? []).map(({ Provider }) => Provider));
      return reason(
        `${lack} the secrets plugin ${all([...new Set(names)])}, which a secret block asks for`,
        "correct its provider",
        "install the plugin on the clients",
      );
    }
    case "host network":
      return reason(`${lack} the ${meaning.what}`, "configure the host network on a node, or drop it from the port");
    case "distinct hosts":
      return reason(
        `distinct_hosts: ${of} already ${verb(nodes, "runs", "run")} one of this job`,
        "lower the count, or add nodes",
      );
    case "distinct property":
      return reason(`${meaning.text} (${of})`, "lower the count, or widen the constraint");
    case "class":
      return reason(`${of} are of the same kind as those`);
    case "other":
      // The reason stands with the group that was looked at first.
      if (text === "computed class ineligible before") return reason(`${of} are of a kind that is ruled out already`);
      return reason(`${text} (${of})`);
    default:
      return reason(`${text} (${of})`);
  }
}

function dimension(text: string, nodes: number, view: View): Reason {
  const { group, job, metric, seen } = view;
  const of = share(nodes, view);
  const meaning = meaningOf(text);
  const reason = (sentence: string, ...cures: string[]): Reason => ({ sentence, cures, nodes });
  switch (meaning.kind) {
    case "memory":
      return size(memory, (task) => task.MemoryMB);
    case "cpu":
      return size(cpu, (task) => task.CPU);
    case "port":
      return { ...portHeld({ ...meaning, of }, job, group, seen), nodes };
    case "dynamic port":
      return reason(`no dynamic port is free on ${of}`);
    case "disk": {
      const asked = group?.EphemeralDisk?.SizeMB;
      return reason(
        `${of} ${verb(nodes, "is", "are")} short of disk${asked ? ` (the group asks for ${grouped(asked)} MB)` : ""}`,
        "ask for a smaller ephemeral_disk",
      );
    }
    case "devices taken":
      return reason(`${of} ${verb(nodes, "does", "do")} not have a free device (${meaning.what})`);
    default:
      return reason(`${text} on ${of}`);
  }

  function size(kind: Dimension, asked: (task: { CPU: number; MemoryMB: number }) => number): Reason {
    const { name, unit } = kind;
    const tasks = (group?.Tasks ?? []).flatMap((task) =>
      task.Resources ? [{ name: task.Name, needs: asked(task.Resources) }] : [],
    );
    const needs = tasks.reduce((total, task) => total + task.needs, 0);
    const wanted = `${grouped(needs)} ${unit} of ${name}`;
    const whom =
      tasks.length === 1
        ? `task ${tasks[0]?.name}`
        : `tasks ${all(tasks.map((task) => `${task.name} (${grouped(task.needs)})`))} together`;
    const largest = seen?.complete ? Math.max(0, ...seen.nodes.map((node) => kind.ofNode(node))) : 0;
    const everywhere = nodes === metric.NodesEvaluated;
    const few = everywhere
      ? `no node has ${wanted} for ${whom}`
      : `${of} ${verb(nodes, "does", "do")} not have ${wanted} for ${whom}`;
    if (largest > 0 && largest < needs) {
      return reason(
        `${few}; ${everywhere ? `${of} ${metric.NodesEvaluated === 1 ? "is" : "are"}` : verb(nodes, "it is", "they are")} too small, the largest has ${grouped(largest)} ${unit}`,
        `ask for less than ${grouped(largest)} ${unit}, or add a larger node`,
      );
    }
    const full = filled(kind, needs, job, seen);
    if (full !== undefined) {
      const less = `ask for less ${name}, or add a node`;
      return reason(
        `${everywhere ? `no node has ${wanted} free for ${whom}` : few}: ${full.sentence}`,
        ...full.cures,
        less,
      );
    }
    const free = largest > 0 ? `; the largest has ${grouped(largest)} ${unit}, but not that much free` : " free";
    return reason(everywhere ? `${few}${free}` : few, `ask for less ${name}, stop something, or add a node`);
  }
}
