import type { Namespace } from "../../endpoints/namespaces.ts";
import type { Answer } from "../../text/answer.ts";
import { gather } from "../../text/gather.ts";
import { table } from "../../text/table.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { all, grouped, plural, some } from "../../text/words.ts";
import { why } from "../cluster/problems/limits.ts";
import { rowState } from "../jobs/health/summary.ts";
import { ifOffered, toolCall } from "../shared/next-step.ts";
import { given, type Part } from "../shared/parts.ts";
import type { Seen } from "./count.ts";
import { type ListedNamespaces, type NamespaceRow, type PoolRow, sumOf } from "./list.ts";

/** So many pools are named. */
const mostPools = 20;

/** What there is, and what is in it. */
export function namespacesAnswer(found: ListedNamespaces): Answer {
  const { nomad, rows, next, pools, regions } = found;
  const [ill] = rows.toSorted((one, other) => troubled(other) - troubled(one)).filter((row) => troubled(row) > 0);
  const there = ill && nomad.in(ill.namespace.Name);
  return {
    headline: headline(found),
    sections: [
      rows.length > 0 && `\n${listed(rows)}\n`,
      ...rows.map(({ namespace }) => limits(namespace)),
      poolLine(given(pools) ?? [], rows, found),
      regionLine(given(regions)),
      ...notes(found),
    ],
    next: [
      ...(there
        ? [
            ifOffered(
              "find_problems",
              `${toolCall(there, "find_problems", {})} says what is wrong in ${there.namespace}`,
              "",
            ),
          ]
        : []),
      ...(next === undefined ? [] : [`cursor=${next}`]),
    ].filter(Boolean),
    data: {
      namespaces: rows.map(({ namespace, jobs }) => ({
        ...{ name: namespace.Name, description: namespace.Description, quota: namespace.Quota || undefined },
        ...{ jobs: given(jobs)?.rows.length, all_counted: given(jobs)?.complete ?? false },
      })),
      node_pools: given(pools)?.map(({ pool, nodes }) => ({
        ...{ name: pool.Name, nodes: given(nodes)?.rows.length, all_counted: given(nodes)?.complete ?? false },
      })),
      regions: given(regions),
      cursor: next,
    },
  };
}

function headline({ rows, total, named, seesAll }: ListedNamespaces): string {
  if (total === 0) return "No namespace that this session may see";
  const { count, complete } = sumOf(rows.map(({ jobs }) => jobs));
  const read = rows.some(({ jobs }) => given(jobs) !== undefined);
  const words = count === 0 && complete ? "no jobs" : `${complete ? "" : "at least "}${plural(count, "job")}`;
  const ill = rows.reduce((sum, row) => sum + troubled(row), 0);
  const jobs = read ? ` with ${words}${ill > 0 ? `, ${grouped(ill)} in trouble` : ""}` : "";
  if (named !== undefined) return `Namespace ${named}${jobs}`;
  const seen = seesAll ? "" : " that this session may see";
  return `${plural(total, "namespace")}${seen}${rows.length < total ? `, ${grouped(rows.length)} shown` : ""}${jobs}`;
}

function listed(rows: readonly NamespaceRow[]): string {
  const cells = rows.map((row) => {
    const { Name, Quota = "", Description = "" } = row.namespace;
    const jobs = given(row.jobs);
    const ended = jobs?.rows.filter(({ Stop, Status }) => Stop || Status === "dead").length ?? 0;
    return [
      Name,
      counted(row.jobs),
      ended > 0 ? grouped(ended) : "",
      troubled(row) > 0 ? grouped(troubled(row)) : "",
      Quota,
      quotedLine(Description, 80),
    ];
  });
  return table(["namespace", "jobs", "ended", "in trouble", "quota", "description"], cells);
}

/** "12"; "50+" where there are more than were read; "?" where none could be. */
function counted(one: Part<Seen<unknown>>): string {
  const seen = given(one);
  return seen === undefined ? "?" : `${grouped(seen.rows.length)}${seen.complete ? "" : "+"}`;
}

/** How many of its jobs are certainly not as they should be. */
const troubled = ({ jobs }: NamespaceRow) =>
  (given(jobs)?.rows ?? []).filter((job) => rowState(job).trouble === 2).length;

/** What the jobs of a namespace may use, where it does not let them use all. */
function limits({ Name, Capabilities }: Namespace): string {
  if (Capabilities == null) return "";
  const words = (of: string, only: readonly string[] | null, never: readonly string[] | null) => [
    ...(only?.length ? [`only ${of} ${some(only, 5, "or")}`] : []),
    ...(never?.length ? [`no ${of} ${some(never, 5, "or")}`] : []),
  ];
  const { EnabledTaskDrivers, DisabledTaskDrivers, EnabledNetworkModes, DisabledNetworkModes } = Capabilities;
  const said = [
    ...words("driver", EnabledTaskDrivers, DisabledTaskDrivers),
    ...words("network mode", EnabledNetworkModes, DisabledNetworkModes),
  ];
  return said.length > 0 ? `Jobs of ${Name} may use ${said.join(", ")}` : "";
}

/** `rows`: the jobs of a pool are known where all jobs of the cluster were read. */
function poolLine(
  pools: readonly PoolRow[],
  rows: readonly NamespaceRow[],
  { total, named }: ListedNamespaces,
): string {
  if (pools.length === 0) return "";
  const known = named === undefined && rows.length === total && sumOf(rows.map(({ jobs }) => jobs)).complete;
  const jobs = gather(
    rows.flatMap((row) => given(row.jobs)?.rows ?? []),
    ({ NodePool = "default" }) => NodePool,
  );
  const words = pools.map(({ pool, nodes }) => {
    const own = jobs.get(pool.Name)?.length ?? 0;
    const in_it = [
      given(nodes) && nodeCount(nodes),
      known && own > 0 && plural(own, "job"),
      pool.Name !== "default" && quotedLine(pool.Description ?? "", 60),
    ].filter(Boolean);
    return `${pool.Name}${in_it.length > 0 ? ` (${in_it.join(", ")})` : ""}`;
  });
  return `Node pools: ${some(words, mostPools)}`;
}

function nodeCount(nodes: Part<Seen<unknown>>): string {
  const count = counted(nodes);
  return count === "0" ? "no nodes" : `${count} ${count === "1" ? "node" : "nodes"}`;
}

function regionLine(regions: { readonly own: string | undefined; readonly others: readonly string[] } | undefined) {
  if (regions === undefined) return "";
  const { own, others } = regions;
  if (others.length === 0) return own === undefined ? "" : `Region: ${own}`;
  const here = own === undefined ? "" : `${own} (this one), `;
  return `Regions: ${here}${all(others)}: each has its own jobs and nodes, and those of others are not seen here`;
}

function notes({ rows, pools, regions, seesAll }: ListedNamespaces): string[] {
  const unseen = rows.flatMap(({ namespace, jobs }) =>
    "failed" in jobs ? [{ name: namespace.Name, why: why(jobs.failed, "list-jobs") }] : [],
  );
  const nodes = (given(pools) ?? []).flatMap((row) => ("failed" in row.nodes ? [row.nodes.failed] : []));
  const not = [
    ...[...gather(unseen, (each) => each.why)].map(
      ([reason, each]) =>
        `jobs of ${some(
          each.map(({ name }) => name),
          5,
        )} (${reason})`,
    ),
    ...("failed" in pools ? [`node pools (${why(pools.failed, 'node_pool "*" { policy = "read" }')})`] : []),
    ...nodes.slice(0, 1).map((error) => `nodes (${why(error, 'node { policy = "read" }')})`),
    ...("failed" in regions ? [`regions (${why(regions.failed, "")})`] : []),
  ];
  const more = rows.some((row) => given(row.jobs)?.complete === false);
  return [
    more ? "50+ means that no more were counted: Nomad gives no counts of jobs, only the jobs." : "",
    not.length > 0 ? `Not seen: ${not.join("; ")}.` : "",
    !seesAll && given(pools)?.length === 0 ? "No node pool that this session may see." : "",
  ].filter(Boolean);
}
