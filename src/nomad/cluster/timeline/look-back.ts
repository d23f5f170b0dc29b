import { NomadError } from "../../../api/errors/errors.ts";
import { literal } from "../../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import { type Deployment, deployments } from "../../../endpoints/deployments.ts";
import type { ListRoute } from "../../../endpoints/endpoint.ts";
import { type Evaluation, evaluations } from "../../../endpoints/evaluations.ts";
import { type Node, type NodeStub, nodes } from "../../../endpoints/nodes.ts";
import type { NomadClient, Query } from "../../../nomad-client.ts";
import { gather } from "../../../text/gather.ts";
import { escaped } from "../../../text/pattern.ts";
import { fromGoTime, fromNanoseconds } from "../../../text/time.ts";
import { given, type Part, part, requireSome } from "../../shared/parts.ts";
import type { Rows } from "../problems/look.ts";
import { indexAfter, tokenBelow } from "./index-at.ts";
import type { Period } from "./period.ts";

/** Whose past is looked at. */
export interface Whose {
  /** A job with the runs of it. */
  readonly job: string | undefined;
  readonly node: Pick<NodeStub, "ID" | "Name"> | undefined;
}

/** Allocations, of which not all were looked into. */
interface Troubled extends Rows<AllocationStub> {
  /** Those that were read with their tasks, of each job the last to change. */
  readonly items: readonly AllocationStub[];
  /** The others, without. */
  readonly others: readonly AllocationStub[];
}

/** True where nothing at all is kept of whom it is about, whenever it was. */
export function isEmpty({ evaluations, deployments, allocations }: LookBack): boolean {
  return [evaluations, deployments, allocations].every((each) => given<Rows<unknown>>(each)?.items.length === 0);
}

/** What objects keep of a time. Each part may be missing alone, as where the token may not read nodes. */
export interface LookBack extends Period {
  /** Those that began in that time or before it, newest first. */
  readonly evaluations: Part<Rows<Evaluation>>;
  readonly deployments: Part<Rows<Deployment>>;
  /** Those that had trouble or were moved, and changed in that time or since. */
  readonly allocations: Part<Troubled>;
  /** Those that something happened to, with their events. */
  readonly nodes: Part<Rows<Node>>;
}

/** Rows of evaluations and deployments have 1 KB. Most times are short, and few evaluations are newer than their beginning. */
const evaluationPages = [50, 450];
/** What was evaluated so long before a time explains what happened in it, ms. */
const lead = 300_000;
const mostDeployments = 100;
/** Without tasks an allocation has 1 KB, with them 7 and more. */
const mostAllocations = 300;
const mostDetailed = 40;
const mostEventful = 100;
const mostNodes = 10;

/**
 * Reads what is kept of a time, newest first: at most 37 requests and 1.5 MB, whatever the size of the cluster. No list of
 * Nomad's can be asked for a time; what is older than the beginning of a page is reached by the index of that time.
 *
 * @throws NomadError where nothing at all may be read.
 */
export async function lookBack(
  nomad: NomadClient,
  period: Period,
  whose: Whose,
  signal: AbortSignal,
): Promise<LookBack> {
  const past = Number.isFinite(period.end);
  const index = past ? given(await part(signal, indexAfter(nomad, period.end))) : undefined;
  const next_token = index === undefined ? undefined : tokenBelow(index);
  const began = part(signal, evaluationsOf(nomad, period, whose, next_token));
  const [evaluated, rolled, troubled, seen] = await Promise.all([
    began,
    part(signal, deploymentsOf(nomad, whose, next_token)),
    part(signal, allocationsOf(nomad, period, whose, next_token)),
    began.then((found) => part(signal, nodesOf(nomad, period, whose, given(found)?.items ?? []))),
  ]);
  requireSome([evaluated, rolled, troubled]);
  return { ...period, evaluations: evaluated, deployments: rolled, allocations: troubled, nodes: seen };
}

/** A job with the runs that it has, as a filter says it. */
const ofJob = (job: string) =>
  `(JobID == ${literal(job)} or JobID matches ${literal(`^${escaped(job)}/(periodic|dispatch)-`)})`;

const filterOf = ({ job, node }: Whose, ...more: string[]) =>
  [job === undefined ? "" : ofJob(job), node === undefined ? "" : `NodeID == ${literal(node.ID)}`, ...more]
    .filter(Boolean)
    .join(" and ") || undefined;

async function evaluationsOf(
  nomad: NomadClient,
  { from }: Period,
  whose: Whose,
  token: string | undefined,
): Promise<Rows<Evaluation>> {
  const items: Evaluation[] = [];
  let next_token = token;
  for (const per_page of evaluationPages) {
    const query = { filter: filterOf(whose), reverse: true, per_page, next_token };
    const found = await nomad.list(evaluations.list, query);
    items.push(...found.items);
    next_token = found.next;
    const oldest = fromNanoseconds(found.items.at(-1)?.CreateTime);
    if (next_token === undefined || (oldest !== undefined && oldest < from - lead)) return { items, complete: true };
  }
  return { items, complete: false };
}

async function deploymentsOf(
  nomad: NomadClient,
  { job, node }: Whose,
  next_token: string | undefined,
): Promise<Rows<Deployment>> {
  if (node !== undefined) return { items: [], complete: true };
  const filter = job === undefined ? undefined : ofJob(job);
  return await rows(nomad, deployments.list, { filter, per_page: mostDeployments, next_token });
}

/** What does not run as it should, was started again, or had to leave its node. */
const troubled =
  '((DesiredStatus == "run" and ClientStatus != "running" and ClientStatus != "complete") or ClientStatus == "failed" or ClientStatus == "lost" or DesiredDescription matches "migrated|drain|preempt|disconnect")';
const restarted = "(any TaskStates as name, state { state.Restarts != 0 })";

async function allocationsOf(
  nomad: NomadClient,
  { from, end }: Period,
  whose: Whose,
  next_token: string | undefined,
): Promise<Troubled> {
  const read = async (which: string) =>
    await rows(nomad, allocations.list, {
      ...{ filter: filterOf(whose, which), per_page: mostAllocations, task_states: false, next_token },
    });
  const found = await orOlder(read(`(${troubled} or ${restarted})`), () => read(troubled));
  // What changed last before that time has nothing of it, and what was made after it neither.
  const touched = found.items.filter(
    ({ CreateTime, ModifyTime }) => ModifyTime / 1e6 >= from && CreateTime / 1e6 <= end,
  );
  const chosen = fairly(touched, mostDetailed);
  if (chosen.length === 0) return { items: [], others: [], complete: found.complete };
  const filter = chosen.map(({ ID }) => `ID == ${literal(ID)}`).join(" or ");
  const { items } = await nomad.list(allocations.list, { filter, per_page: mostDetailed });
  const detailed = new Set(items.map(({ ID }) => ID));
  return { items, others: touched.filter(({ ID }) => !detailed.has(ID)), complete: found.complete };
}

/** The last to change of every job, then the next to last of each, until they are so many: a job that crashes all the time hides no other. */
function fairly(found: readonly AllocationStub[], most: number): AllocationStub[] {
  const sorted = found.toSorted((one, other) => other.ModifyTime - one.ModifyTime);
  const ofJobs = [...gather(sorted, ({ Namespace, JobID }) => `${Namespace}/${JobID}`).values()];
  const ranked = ofJobs.flatMap((ofJob) => ofJob.map((allocation, rank) => ({ allocation, rank })));
  return ranked
    .toSorted((one, other) => one.rank - other.rank)
    .slice(0, most)
    .map(({ allocation }) => allocation);
}

/** Older servers know no `any`. */
async function orOlder<T>(reading: Promise<T>, older: () => Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof NomadError && error.kind === "bad_argument") return await older();
    throw error;
  }
}

/** What keeps work away; and that something happened to one since it came. */
const away = 'Status != "ready" or SchedulingEligibility != "eligible"';
const eventful = '(any Events as event { event.Message != "Node registered" })';

/** Nodes that are away or that something happened to, those that changed last, and those that jobs were evaluated for in that time. */
async function nodesOf(
  nomad: NomadClient,
  { from, end }: Period,
  { job, node }: Whose,
  evaluated: readonly Evaluation[],
): Promise<Rows<Node>> {
  const read = (node_id: string) => nomad.get(nodes.get, { node_id });
  if (node !== undefined) return { items: [await read(node.ID)], complete: true };
  const named = evaluated
    .filter(({ NodeID, CreateTime }) => NodeID && CreateTime / 1e6 >= from && CreateTime / 1e6 <= end)
    .map(({ NodeID = "" }) => NodeID);
  const list = (filter: string) => nomad.list(nodes.list, { filter, per_page: mostEventful });
  const page = job === undefined ? await orOlder(list(`${away} or ${eventful}`), () => list(away)) : undefined;
  const changed = (page?.items ?? []).toSorted((one, other) => (other.ModifyIndex ?? 0) - (one.ModifyIndex ?? 0));
  const ids = [...new Set([...named, ...changed.map(({ ID }) => ID)])];
  const found = await Promise.all(ids.slice(0, mostNodes).map((id) => orGone(read(id))));
  const items = found.filter((each) => each !== undefined);
  // Those that are not read changed before the last of these did.
  const before = items.length > 0 && lastEvent(items.at(-1)) < from && named.length < mostNodes;
  return { items, complete: page?.next === undefined && (ids.length <= mostNodes || before) };
}

/** When something last happened to a node, ms. */
function lastEvent(node: Node | undefined): number {
  return Math.max(0, ...(node?.Events ?? []).map(({ Timestamp }) => fromGoTime(Timestamp) ?? 0));
}

/** A node that is no longer there has no events either. */
async function orGone(reading: Promise<Node>): Promise<Node | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof NomadError && error.kind === "not_found") return undefined;
    throw error;
  }
}

async function rows<T>(nomad: NomadClient, route: ListRoute<T>, query: Query): Promise<Rows<T>> {
  const { items, next } = await nomad.list(route, { reverse: true, ...query });
  return { items, complete: next === undefined };
}
