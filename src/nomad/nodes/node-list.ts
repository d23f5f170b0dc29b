import { NomadError } from "../../api/errors/errors.ts";
import { type Filter, filterText } from "../../api/request/filter.ts";
import type { AllocationStub } from "../../endpoints/allocations.ts";
import { type NodeStub, nodes as routes } from "../../endpoints/nodes.ts";
import type { NomadClient, Page } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { gather } from "../../text/gather.ts";
import { table } from "../../text/table.ts";
import { all, grouped, lines, plural, some } from "../../text/words.ts";
import { showStep } from "../shared/next-step.ts";
import { given, type Part, part } from "../shared/parts.ts";
import { cpu, type Dimension, freeOn, memory } from "./capacity.ts";
import { type Live, readLive, unseenNote } from "./live.ts";
import { driversOf, illDrivers, nodeState, stateInWords, takesWork } from "./words.ts";

/** Which nodes are listed. */
export interface ListedNodes {
  readonly filter: Filter | undefined;
  readonly onlyTrouble: boolean;
  readonly limit: number;
  readonly cursor: string | undefined;
}

interface Row {
  readonly node: NodeStub;
  /** So much of what has not ended is on it; undefined where that is not known. */
  readonly live: number | undefined;
  /** What that leaves free. */
  readonly free: ReadonlyMap<Dimension, number> | undefined;
}

/**
 * One page of nodes: whether each takes work and why not, what is free, how much runs there. Three requests, whatever the
 * size of the cluster; two more where thousands of allocations run on the nodes of the page.
 */
export async function listNodes(nomad: NomadClient, asked: ListedNodes, signal: AbortSignal): Promise<Answer> {
  const [page, unseen] = await Promise.all([readPage(nomad, asked), unseenNote(nomad)]);
  if (page.items.length === 0) return { headline: none(asked), data: { nodes: [] } };
  // Of one that is away nothing is known of what it still runs.
  const known = page.items.filter(({ Status }) => Status === "ready").map(({ ID }) => ID);
  const live = await part(signal, readLive(nomad, known));
  const rows = page.items
    .map((node) => rowOf(node, given(live)?.complete ? given(live)?.on.get(node.ID) : undefined))
    .toSorted((one, other) => rank(one) - rank(other) || (one.node.Name < other.node.Name ? -1 : 1));
  const first = rows.find(({ node }) => inTrouble(node));
  const notes = lines(driversLine(rows), notCounted(live), unseen);
  return {
    headline: headline(rows, asked, page.next !== undefined),
    sections: [`\n${listed(rows, nomad.now())}`, notes !== "" && `\n${notes}`],
    next: [
      ...(page.next === undefined ? [] : [`cursor=${page.next}`]),
      ...(first === undefined ? [] : [`${showStep(nomad, "node", first.node.Name)} says more of it`]),
    ],
    data: { nodes: rows.map(dataOf), cursor: page.next },
  };
}

function rowOf(node: NodeStub, live: readonly AllocationStub[] | undefined): Row {
  if (live === undefined || node.NodeResources === undefined) return { node, live: live?.length, free: undefined };
  const free = new Map([memory, cpu].map((dimension) => [dimension, freeOn(node, live, dimension)]));
  return { node, live: live.length, free };
}

/** So many drivers that as many nodes have are named. */
const mostDrivers = 8;

/** What keeps work away; and a driver that does not work. */
const away = 'Status != "ready" or SchedulingEligibility != "eligible"';
const ill = "(any Drivers as name, driver { driver.Detected == true and driver.Healthy == false })";

async function readPage(
  nomad: NomadClient,
  { filter, onlyTrouble, limit, cursor }: ListedNodes,
): Promise<Page<NodeStub>> {
  const read = async (...trouble: string[]) => {
    const parts = [filter && `(${filterText(filter)})`, trouble.length > 0 && `(${trouble.join(" or ")})`];
    const text = parts.filter(Boolean).join(" and ") || undefined;
    return await nomad.list(routes.list, { filter: text, per_page: limit, next_token: cursor, resources: true });
  };
  if (!onlyTrouble) return await read();
  try {
    return await read(away, ill);
  } catch (error) {
    // Older versions of Nomad know no "any".
    if (!(error instanceof NomadError) || error.status !== 400) throw error;
    return await read(away);
  }
}

const inTrouble = (node: NodeStub) => !takesWork(node) || illDrivers(node).length > 0;
/** What is gone comes first, then what is kept from work, then what has a driver that does not work. */
function rank({ node }: Row): number {
  if (node.Status !== "ready") return 0;
  if (!takesWork(node)) return 1;
  return inTrouble(node) ? 2 : 3;
}

function headline(rows: readonly Row[], { onlyTrouble }: ListedNodes, more: boolean): string {
  const taking = rows.filter(({ node }) => takesWork(node));
  const count = `${plural(rows.length, "node")}${onlyTrouble ? " in trouble" : ""}${more ? ", more follow" : ""}`;
  const take = taking.length === 0 ? "none" : taking.length === rows.length && rows.length > 1 ? "all" : taking.length;
  const free = (dimension: Dimension) => {
    const sizes = taking.flatMap((row) => row.free?.get(dimension) ?? []);
    return sizes.length < taking.length
      ? undefined
      : `${grouped(sizes.reduce((sum, each) => sum + each, 0))} ${dimension.unit} ${dimension.name}`;
  };
  const both = [free(memory), free(cpu)].filter((each) => each !== undefined);
  const sum = taking.length > 0 && both.length > 0 ? `, ${all(both)} free there` : "";
  return `${count}: ${take} ${taking.length < 2 ? "takes" : "take"} work${sum}`;
}

function listed(rows: readonly Row[], now: number): string {
  const size = (row: Row, dimension: Dimension) => {
    const free = row.free?.get(dimension);
    const has = grouped(dimension.ofNode(row.node));
    if (row.node.NodeResources === undefined) return "?";
    return free === undefined ? `? of ${has}` : `${grouped(free)} of ${has}`;
  };
  const cells = rows.map((row) => [
    row.node.Name,
    stateInWords(row.node, now),
    size(row, memory),
    size(row, cpu),
    row.live === undefined ? "?" : `${row.live}`,
    row.node.Datacenter,
    row.node.NodePool ?? "default",
    row.node.NodeClass,
  ]);
  return table(["node", "state", "free MB", "free MHz", "allocations", "datacenter", "pool", "class"], cells);
}

/** "Drivers: mock_driver and raw_exec on all, docker on 2 of 3": those that work where work is taken, the commonest first. */
function driversLine(rows: readonly Row[]): string | undefined {
  const taking = rows.filter(({ node }) => takesWork(node));
  const names = gather(
    taking.flatMap(({ node }) => driversOf(node)),
    (name) => name,
  );
  const groups = gather([...names], ([, { length }]) => `${length}`);
  const told = [...groups]
    .toSorted(([one], [other]) => Number(other) - Number(one))
    .map(([count, group]) => {
      const which = some(group.map(([name]) => name).toSorted(), mostDrivers);
      return `${which} on ${Number(count) === taking.length ? "all" : `${count} of ${taking.length}`}`;
    });
  return told.length === 0 ? undefined : `Drivers where work is taken: ${told.join(", ")}`;
}

function notCounted(live: Part<Live>): string | undefined {
  if ("failed" in live)
    return "What is free is not known: what runs there could not be read (the token needs read-job).";
  return live.value.complete ? undefined : "What is free is not known: too much runs there. A smaller limit tells it.";
}

function none({ filter, onlyTrouble, cursor }: ListedNodes): string {
  if (cursor !== undefined) return "No more nodes.";
  if (onlyTrouble)
    return `No node${filter ? " that fits" : ""} is in trouble: all take work with the drivers that they have.`;
  return filter ? "No node fits the filter." : "The cluster has no nodes: no Nomad client has registered.";
}

function dataOf(row: Row) {
  const { node, live, free } = row;
  const size = (dimension: Dimension) => ({ free: free?.get(dimension), total: dimension.ofNode(node) });
  return {
    node_id: node.ID,
    name: node.Name,
    state: nodeState(node),
    takes_work: takesWork(node),
    drivers: driversOf(node),
    unhealthy_drivers: illDrivers(node).map(([name]) => name),
    datacenter: node.Datacenter,
    node_pool: node.NodePool,
    class: node.NodeClass,
    ...(node.NodeResources && { memory_mb: size(memory), cpu_mhz: size(cpu) }),
    allocations: live,
  };
}
