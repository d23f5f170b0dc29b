import type { AllocationStub } from "../../../endpoints/allocations.ts";
import { all, grouped, plural, some } from "../../../text/words.ts";
import { type Dimension, taken } from "../../nodes/capacity.ts";
import { clusterStep } from "../../shared/next-step.ts";
import type { AskingGroup, AskingJob } from "./asking.ts";
import { verb } from "./reason.ts";
import type { Surroundings } from "./surroundings.ts";

const mostNamed = 3;
const mostFillers = 2;

/** What a reason says, and what would end it. */
interface Told {
  readonly sentence: string;
  readonly cures: readonly string[];
}

/** Who holds a port, and what frees it. `of`: on how many nodes, as in "3 of 3 nodes". */
export function portHeld(
  { label, port, of }: { readonly label: string; readonly port: number; readonly of: string },
  job: AskingJob,
  group: AskingGroup | undefined,
  seen: Surroundings | undefined,
): Told {
  const holders = (seen?.holders ?? []).filter(({ AllocatedResources }) =>
    AllocatedResources?.Shared?.Ports?.some(({ Value }) => Value === port),
  );
  const isOwn = ({ JobID, Namespace }: AllocationStub) => JobID === job.ID && Namespace === job.Namespace;
  const others = [...new Set(holders.filter((each) => !isOwn(each)).map((each) => jobName(each, job)))];
  const own = holders.filter(isOwn);
  const dynamic = `use a dynamic port for ${label}`;
  const isTaken = `port ${port} (${label}) is`;
  if (holders.length === 0) {
    const none = seen?.holders
      ? ", by nothing that can be seen (a job of another namespace, or the clients' reserved ports)"
      : "";
    return { sentence: `${isTaken} taken on ${of}${none}`, cures: [dynamic, "lower the count", `free port ${port}`] };
  }
  const versions = [...new Set(own.map(({ JobVersion }) => JobVersion))].filter((version) => version !== job.Version);
  const ownName =
    versions.length > 0
      ? `its own ${verb(versions.length, "version", "versions")} ${all(versions.map(String))}`
      : "its own allocations";
  const names = [...(own.length > 0 ? [ownName] : []), ...others];
  const sentence = `${isTaken} held by ${some(names, mostNamed)} on ${of}`;
  if (own.length === 0) {
    return {
      sentence,
      cures: [dynamic, `stop ${others[0]} or give it another port`, `run it where ${others[0]} does not`],
    };
  }
  const canaries = group?.Update?.Canary ?? 0;
  // Without canaries the old ones are stopped first.
  if (versions.length > 0 && canaries > 0) {
    return {
      sentence: `${sentence}, and ${canaries === 1 ? "a canary needs a node" : "canaries need nodes"} of ${verb(canaries, "its", "their")} own`,
      cures: ["set canary = 0 in the update block", `${dynamic}, or add ${plural(canaries, "node")}`],
    };
  }
  return { sentence: `${sentence}: one allocation a node`, cures: [dynamic, "lower the count, or add nodes"] };
}

/** Of another namespace than the asking job's, with that. */
const jobName = ({ JobID, Namespace }: AllocationStub, job: AskingJob) =>
  Namespace === (job.Namespace ?? Namespace) ? JobID : `${JobID} (namespace ${Namespace})`;

/** Who fills the nodes that would do, and whether they could be made to give way; undefined where that was not read. */
export function filled(
  dimension: Dimension,
  needs: number,
  job: AskingJob,
  seen: Surroundings | undefined,
): Told | undefined {
  const nodes = [...(seen?.fillers ?? [])].flatMap(([id, allocations]) => {
    const node = seen?.nodes.find(({ ID }) => ID === id);
    if (node === undefined) return [];
    const used = allocations.reduce((sum, each) => sum + taken(each.AllocatedResources, dimension), 0);
    return [{ node, allocations, free: dimension.ofNode(node) - used, size: dimension.ofNode(node) }];
  });
  // That more is free than asked for would contradict the scheduler: it has changed since.
  if (nodes.length === 0 || nodes.some(({ free }) => free >= needs)) return undefined;
  const rooms = nodes.map(({ node, free, size }, at) => {
    const [has, unit] = at === 0 ? [" has", ` ${dimension.unit} free`] : ["", ""];
    return `${node.Name}${has} ${grouped(Math.max(0, free))} of ${grouped(size)}${unit}`;
  });
  const sizes = new Map<string, number>();
  for (const each of nodes.flatMap(({ allocations }) => allocations)) {
    const name = each.JobID === job.ID && each.Namespace === job.Namespace ? "itself" : jobName(each, job);
    sizes.set(name, (sizes.get(name) ?? 0) + taken(each.AllocatedResources, dimension));
  }
  const room = nodes.reduce((sum, { size }) => sum + size, 0);
  const largest = [...sizes]
    .toSorted(([, one], [, other]) => other - one)
    .filter(([, size], at) => at === 0 || (at < mostFillers && size >= room / 10));
  const users = largest.map(([name, size]) => `${name} (${grouped(size)} ${dimension.unit})`);
  const told = `${all(rooms)}${users.length > 0 ? `, most of it taken by ${all(users)}` : ""}`;
  const [stop] = largest.map(([name]) => name).filter((name) => name !== "itself");
  const weaker = preemptible(
    job,
    seen,
    largest.map(([name]) => name),
  );
  return {
    sentence: `${told}${weaker.sentence}`,
    cures: [...(stop ? [`stop or scale down ${stop}`] : []), ...weaker.cures],
  };
}

/** What of lower priority would make way, were preemption on (off for all but system jobs, by default). */
function preemptible(job: AskingJob, seen: Surroundings | undefined, largest: readonly string[]): Told {
  const weaker = new Set((seen?.weaker ?? []).map((each) => jobName(each, job)));
  const names = largest.filter((name) => weaker.has(name));
  const { PreemptionConfig: config } = seen?.preemption?.SchedulerConfig ?? {};
  const type = job.Type ?? "service";
  const enabled = config?.[switches[type]];
  if (names.length === 0 || enabled !== false) return { sentence: "", cures: [] };
  return {
    sentence: `; preemption is off for ${type} jobs, else it could evict ${some(names, mostNamed)}, of lower priority`,
    cures: [`let it preempt: ${letPreempt(type)}`],
  };
}

function letPreempt(type: keyof typeof switches): string {
  const words = ["operator scheduler set-config", `-preempt-${type}-scheduler=true`] as const;
  return clusterStep(["set_scheduler_config", { setting: `preempt_${type}`, value: "on" }], words);
}

const switches = {
  service: "ServiceSchedulerEnabled",
  batch: "BatchSchedulerEnabled",
  system: "SystemSchedulerEnabled",
  sysbatch: "SysBatchSchedulerEnabled",
} as const;
