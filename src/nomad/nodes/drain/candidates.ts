import { type Filter, filterText } from "../../../api/request/filter.ts";
import type { Constraint, Job, TaskGroup } from "../../../endpoints/job.ts";
import { type NodeStub, nodes as routes } from "../../../endpoints/nodes.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { escaped } from "../../../text/pattern.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { all } from "../../../text/words.ts";
import { constraintsOf } from "../../evaluations/placement/asking.ts";
import { inReach, meets } from "../../evaluations/placement/meets.ts";
import { hostVolumesOf, mayFit } from "../../evaluations/placement/surroundings.ts";

/** The nodes on which a group may be placed that has to leave one. */
export interface Candidates {
  readonly nodes: readonly NodeStub[];
  /** False where there may be others. */
  readonly complete: boolean;
  /** Why there are none. */
  readonly why?: string;
}

/** With their resources nodes are 2.5 KB each and more: so many are read for what asks the same of a node. */
const perQuestion = 20;
/** So many questions are asked, each for the groups that ask the same. */
const mostQuestions = 10;
const mostOthers = 50;

/** Finds out, for groups that have to leave a node, where they may go. At most eleven requests, whatever the cluster. */
export function candidateFinder(nomad: NomadClient, away: Pick<NodeStub, "ID">) {
  const takes = allOf(equal(["Status"], "ready"), equal(["SchedulingEligibility"], "eligible"), {
    ...equal(["ID"], away.ID),
    operator: "!=",
  });
  const asked = new Map<string, Promise<{ items: NodeStub[]; next: string | undefined }>>();
  let others: Promise<readonly NodeStub[]> | undefined;
  const readOthers = () => {
    others ??= nomad.list(routes.list, { filter: filterText(takes), per_page: mostOthers }).then(({ items }) => items);
    return others;
  };
  /** Undefined where too much was asked already. */
  return async (job: Job, group: TaskGroup): Promise<Candidates | undefined> => {
    const filter = filterText(allOf(takes, ...reachOf(job), ...constraintsOf(job, group).flatMap(conditionOf)));
    const known = asked.get(filter);
    if (known === undefined && asked.size >= mostQuestions) return undefined;
    const reading = known ?? nomad.list(routes.list, { filter, per_page: perQuestion, resources: true });
    asked.set(filter, reading);
    const { items, next } = await reading;
    const nodes = items.filter((node) => mayFit(job, group, { node }) !== false && !lacksDriver(group, node));
    const complete = next === undefined;
    if (nodes.length > 0 || !complete) return { nodes, complete };
    return { nodes, complete, why: items.length > 0 ? lack(group, items) : whyNone(job, group, await readOthers()) };
  };
}

const equal = (field: readonly string[], value: string) =>
  ({ kind: "compare", field, operator: "==", value }) as const satisfies Filter;
const allOf = (...parts: readonly Filter[]): Filter => ({ kind: "and", parts });

/** The job's pool and datacenters, whose patterns know `*` and `?`. */
function reachOf({ Datacenters, NodePool = "default" }: Job): Filter[] {
  const pool = NodePool === "all" || NodePool === "" ? [] : [equal(["NodePool"], NodePool)];
  const patterns = Datacenters ?? ["*"];
  if (patterns.includes("*")) return pool;
  const parts = patterns.map((pattern): Filter => {
    if (!/[*?]/.test(pattern)) return equal(["Datacenter"], pattern);
    const source = escaped(pattern).replaceAll("\\*", ".*").replaceAll("\\?", ".");
    return { kind: "compare", field: ["Datacenter"], operator: "matches", value: `^${source}$` };
  });
  return [...pool, { kind: "or", parts }];
}

/** What the server can look for of a constraint; nothing where it is one that only the scheduler can judge. */
function conditionOf({ LTarget, Operand, RTarget }: Constraint): Filter[] {
  const field = fieldOf(LTarget);
  if (field === undefined || RTarget.includes("${")) return [];
  const compare = (operator: "==" | "!=" | "matches"): Filter[] => [
    { kind: "compare", field, operator, value: RTarget },
  ];
  const key = field.length === 2 ? field : undefined;
  const has = (operator: "contains" | "not contains"): Filter[] =>
    key === undefined ? [] : [{ kind: "compare", field: key.slice(0, 1), operator, value: key[1] ?? "" }];
  switch (Operand) {
    case "=":
    case "==":
    case "is":
      return compare("==");
    case "!=":
    case "not":
      return compare("!=");
    case "regexp":
      return compare("matches");
    case "is_set":
      return has("contains");
    case "is_not_set":
      return has("not contains");
    default:
      return [];
  }
}

const plainFields: Readonly<Record<string, string>> = {
  "node.unique.id": "ID",
  "node.unique.name": "Name",
  "node.datacenter": "Datacenter",
  "node.class": "NodeClass",
};

function fieldOf(target: string): readonly string[] | undefined {
  const [, name = ""] = /^\$\{(.+)\}$/.exec(target) ?? [];
  const plain = plainFields[name];
  if (plain !== undefined) return [plain];
  if (name.startsWith("attr.")) return ["Attributes", name.slice("attr.".length)];
  return name.startsWith("meta.") ? ["Meta", name.slice("meta.".length)] : undefined;
}

function lacksDriver({ Tasks }: TaskGroup, { Drivers }: NodeStub): boolean {
  return (Tasks ?? []).some(({ Driver }) => !Drivers?.[Driver]?.Healthy);
}

/** What nodes lack that meet all constraints. */
function lack(group: TaskGroup, nodes: readonly NodeStub[]): string {
  const drivers = [...new Set((group.Tasks ?? []).map(({ Driver }) => Driver))];
  const missing = drivers.filter((driver) => !nodes.some(({ Drivers }) => Drivers?.[driver]?.Healthy));
  if (missing.length > 0) return `no other node that it may go to has the driver ${all(missing)}`;
  const volumes = hostVolumesOf(group).map(({ Source }) => Source);
  const absent = volumes.filter((volume) => !nodes.some(({ HostVolumes }) => HostVolumes?.[volume]));
  if (absent.length > 0) return `no other node that it may go to has the host volume ${all(absent)}`;
  return "no other node has all that it asks for";
}

function whyNone(job: Job, group: TaskGroup, others: readonly NodeStub[]): string {
  if (others.length === 0) return "no other node takes work";
  const reached = others.filter((node) => inReach(job, node));
  if (reached.length === 0) return "no other node of its datacenters and pool takes work";
  const constraints = constraintsOf(job, group);
  const unmet = constraints.find((each) => reached.every((node) => meets(each, { node }) === false));
  const text = ({ LTarget, Operand, RTarget }: Constraint) =>
    quotedLine(`${LTarget} ${Operand} ${RTarget}`.trim(), 120);
  if (unmet !== undefined) return `its constraint ${text(unmet)} is met nowhere else`;
  const asked = constraints.filter((each) => conditionOf(each).length > 0);
  return `no other node meets all of its constraints (${asked.map(text).join("; ")})`;
}
