import { NomadError } from "../../../api/errors/errors.ts";
import { literal } from "../../../api/request/path.ts";
import { type AllocationStub, allocations as allocationRoutes } from "../../../endpoints/allocations.ts";
import { type Deployment, deployments as deploymentRoutes } from "../../../endpoints/deployments.ts";
import type { ListRoute } from "../../../endpoints/endpoint.ts";
import { type Evaluation, evaluations as evaluationRoutes } from "../../../endpoints/evaluations.ts";
import { type JobStub, jobs as jobRoutes } from "../../../endpoints/jobs.ts";
import { type NodeStub, nodes as nodeRoutes } from "../../../endpoints/nodes.ts";
import type { NomadClient, Query } from "../../../nomad-client.ts";
import { escaped } from "../../../text/pattern.ts";
import { idPrefix } from "../../jobs/find.ts";
import { given, part, requireSome } from "../../shared/parts.ts";
import { type Holder, holds, insideFilter, namesInside, type SoughtName } from "./inside.ts";
import { lookUp, type Other } from "./look-up.ts";

/** Some of what was found, the nearest first, and whether there is more. */
export interface Hits<T> {
  readonly items: readonly T[];
  readonly more: boolean;
}

/** All that a text found. */
export interface Found {
  readonly jobs: Hits<JobStub>;
  readonly holders: Hits<Holder>;
  /** True where this Nomad can look for names inside of its first 20 jobs only. */
  readonly shallow: boolean;
  readonly nodes: Hits<NodeStub>;
  readonly allocations: Hits<AllocationStub>;
  readonly deployments: Hits<Deployment>;
  readonly evaluations: Hits<Evaluation>;
  readonly others: readonly Other[];
  /** What could not be searched: "nodes". */
  readonly unseen: readonly string[];
}

/** So many rows are read to find the nearest among them. */
const pageSize = 100;
/** A job is read to say which name in it matches, and whether it may be seen: 5 to 30 KB each. */
const mostRead = 10;

/**
 * Searches names and ids in the client's namespace, each part at once. Names by filters, which Nomad applies to all
 * objects: its fuzzy search looks at the first 20 jobs and does not say when it stopped there (seen on 2.0.6), so it is
 * asked only for what nothing else finds.
 *
 * @throws NomadError where nothing at all may be read.
 */
export async function search(
  nomad: NomadClient,
  sought: SoughtName,
  limit: number,
  signal: AbortSignal,
): Promise<Found> {
  const { text } = sought;
  const pattern = `(?i)${escaped(text)}`;
  const digits = text.toLowerCase().replaceAll("-", "");
  const isId = /^[0-9a-f]{4,32}$/.test(digits);
  const byName = (field: string) => `${field} matches ${literal(pattern)}`;
  const list = <T>(route: ListRoute<T>, query: Query) =>
    part(signal, nomad.list(route, { per_page: pageSize, ...query }));
  const byId = <T extends { ID: string }>(route: ListRoute<T>, query: Query = {}) =>
    isId ? list(route, { ...query, prefix: idPrefix(digits) }) : { value: { items: [], next: undefined } };
  // Children are named after their parents: only who writes the slash means them.
  const noChildren = text.includes("/") ? "" : ' and ParentID == ""';
  const [exact, jobs, inside, nodesByName, nodesById, named, allocations, deployments, evaluations, other] =
    await Promise.all([
      list(jobRoutes.list, { filter: `ID == ${literal(text)}` }),
      list(jobRoutes.list, { filter: `(${byName("ID")} or ${byName("Name")})${noChildren}` }),
      list(jobRoutes.list, { filter: insideFilter(pattern) }),
      list(nodeRoutes.list, {
        filter: `${byName("Name")} or ${byName("Datacenter")} or ${byName("NodeClass")}`,
      }),
      byId(nodeRoutes.list),
      // `web.api[0]` names an allocation; a bare word would only repeat the job's.
      /[.[]/.test(text)
        ? list(allocationRoutes.list, {
            filter: `${byName("Name")} and DesiredStatus == "run"`,
            task_states: false,
          })
        : { value: { items: [], next: undefined } },
      byId(allocationRoutes.list, { task_states: false }),
      byId(deploymentRoutes.list),
      byId(evaluationRoutes.list),
      part(signal, lookUp(nomad, text)),
    ]);
  requireSome([jobs, nodesByName, other]);
  const near = <T>(pages: readonly (Page<T> | undefined)[], name: (item: T) => string, id: (item: T) => string) =>
    nearest(pages, text, limit, name, id);
  const matches = (item: { ID: string }) => item.ID.replaceAll("-", "").startsWith(digits);
  const ids = <T extends { ID: string }>(page: Page<T> | undefined) =>
    page && { ...page, items: page.items.filter(matches) };
  const jobKey = (job: JobStub) => `${job.Namespace}/${job.ID}`;
  const candidates = nearest([given(inside)], text, mostRead, (job: JobStub) => job.ID, jobKey);
  const held = await holdersOf(nomad, candidates, sought, signal);
  const shallow = "failed" in inside && inside.failed instanceof NomadError && inside.failed.kind === "bad_argument";
  return {
    jobs: near([given(exact), given(jobs)], (job) => job.ID, jobKey),
    holders: shallow
      ? { items: shownHolders(given(other)?.holders ?? [], sought), more: false }
      : { items: held.items.slice(0, limit), more: held.more || held.items.length > limit },
    shallow,
    nodes: near(
      [ids(given(nodesById)), given(nodesByName)],
      (node) => node.Name,
      (node) => node.ID,
    ),
    allocations: near(
      [ids(given(allocations)), given(named)],
      (each) => each.Name,
      (each) => each.ID,
    ),
    deployments: near(
      [ids(given(deployments))],
      (each) => each.ID,
      (each) => each.ID,
    ),
    evaluations: near(
      [ids(given(evaluations))],
      (each) => each.ID,
      (each) => each.ID,
    ),
    others: given(other)?.others ?? [],
    unseen: [
      ...("failed" in jobs ? ["jobs"] : []),
      ...((held.unread || ("failed" in inside && !shallow)) && !("failed" in jobs) ? ["names inside jobs"] : []),
      ...("failed" in nodesByName ? ["nodes"] : []),
      ...("failed" in other ? ["namespaces, volumes and variables"] : []),
    ],
  };
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** Each once: what is called exactly so, then what begins so, then what holds it; the shorter name first. */
function nearest<T>(
  pages: readonly (Page<T> | undefined)[],
  text: string,
  limit: number,
  name: (item: T) => string,
  id: (item: T) => string,
): Hits<T> {
  const known = new Map(pages.flatMap((page) => (page?.items ?? []).map((item) => [id(item), item] as const)));
  const at = (item: T) => {
    const found = name(item).toLowerCase().indexOf(text.toLowerCase());
    return found < 0 ? Number.MAX_SAFE_INTEGER : found;
  };
  const items = [...known.values()].toSorted(
    (one, other) => at(one) - at(other) || name(one).length - name(other).length || (name(one) < name(other) ? -1 : 1),
  );
  return { items: items.slice(0, limit), more: items.length > limit || pages.some((page) => page?.next !== undefined) };
}

/**
 * Of the jobs that Nomad found, those in which something that may be seen holds what is searched for. That there are more
 * is said only beside one of those: else it would tell of what is masked.
 */
async function holdersOf(
  nomad: NomadClient,
  { items: jobs, more }: Hits<JobStub>,
  sought: SoughtName,
  signal: AbortSignal,
): Promise<Hits<Holder> & { readonly unread: boolean }> {
  const found = await Promise.all(
    jobs.map(async ({ ID, Namespace }) => {
      const job = given(await part(signal, nomad.in(Namespace).get(jobRoutes.get, { job_id: ID })));
      return job && { job: { ID, Namespace }, names: namesInside(job, sought) };
    }),
  );
  const read = found.filter((each) => each !== undefined);
  const items = read.filter(({ names }) => names.length > 0);
  return { items, more: more && items.length > 0, unread: read.length < found.length };
}

/** The same of what Nomad's own search found. */
function shownHolders(holders: readonly Holder[], sought: SoughtName): Holder[] {
  const shown = holders.map(({ job, names }) => ({ job, names: names.filter(({ name }) => holds(name, sought)) }));
  return shown.filter(({ names }) => names.length > 0);
}
