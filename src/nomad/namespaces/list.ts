import { Refusal } from "../../api/errors/refusal.ts";
import type { JobStub } from "../../endpoints/jobs.ts";
import { type Namespace, namespaces } from "../../endpoints/namespaces.ts";
import { type NodePool, nodePools } from "../../endpoints/node-pools.ts";
import type { NodeStub } from "../../endpoints/nodes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { some } from "../../text/words.ts";
import { type Regions, readRegions } from "../cluster/regions.ts";
import { given, type Part, part } from "../shared/parts.ts";
import { seesAll } from "../shared/sees-all.ts";
import { jobsIn, nodesIn, type Seen } from "./count.ts";

/** A namespace and its jobs, without the runs of periodic and parameterized ones. */
export interface NamespaceRow {
  readonly namespace: Namespace;
  readonly jobs: Part<Seen<JobStub>>;
}

/** A node pool and its nodes. */
export interface PoolRow {
  readonly pool: NodePool;
  readonly nodes: Part<Seen<NodeStub>>;
}

/** What there is in a cluster, as far as the session sees it. */
export interface ListedNamespaces {
  readonly nomad: NomadClient;
  /** By name. */
  readonly rows: readonly NamespaceRow[];
  /** The one that was asked about; undefined for all. */
  readonly named: string | undefined;
  /** How many namespaces there are, on this page or not. */
  readonly total: number;
  /** Name of the last one of this page, where more follow. */
  readonly next: string | undefined;
  /** Without `all`, which has the nodes of every other one. */
  readonly pools: Part<readonly PoolRow[]>;
  readonly regions: Part<Regions>;
  /** False where there may be more than is seen. */
  readonly seesAll: boolean;
}

/**
 * Namespaces with their jobs, node pools with their nodes, and regions: six requests where the cluster is not large; otherwise
 * one more for each namespace of the page and of ten pools, of 30 and 65 KB at most.
 *
 * @throws Refusal where the namespace that the client is bound to is another one than its usual one, and is not there.
 */
export async function listNamespaces(
  nomad: NomadClient,
  { limit, cursor = "" }: { readonly limit: number; readonly cursor?: string | undefined },
  signal: AbortSignal,
): Promise<ListedNamespaces> {
  const [page, everything, pools, regions] = await Promise.all([
    nomad.list(namespaces.list),
    seesAll(nomad),
    part(signal, readPools(nomad, signal)),
    part(signal, readRegions(nomad)),
  ]);
  // A call that names another namespace than the usual one is about that one.
  const named = nomad.namespace === "*" || nomad.namespace === nomad.home ? undefined : nomad.namespace;
  const found = wanted(page.items, named).toSorted((one, other) => (one.Name < other.Name ? -1 : 1));
  const left = found.filter(({ Name }) => Name > cursor);
  const shown = left.slice(0, limit);
  const names = shown.map(({ Name }) => Name);
  const jobs = await jobsIn(nomad, names, everything, signal);
  const rows = shown.flatMap((namespace): NamespaceRow[] => {
    const inIt = jobs.get(namespace.Name);
    return inIt === undefined ? [] : [{ namespace, jobs: inIt }];
  });
  const next = left.length > shown.length ? names.at(-1) : undefined;
  return { ...{ nomad, rows, named, total: found.length, next, pools, regions }, seesAll: everything };
}

function wanted(found: readonly Namespace[], named: string | undefined): readonly Namespace[] {
  const names = found.map(({ Name }) => Name);
  if (named === undefined) return found;
  if (names.includes(named)) return found.filter(({ Name }) => Name === named);
  const there = names.length > 0 ? `; there is ${some(names, 10)}` : "";
  throw new Refusal(`There is no namespace ${named} that this session may see${there}.`);
}

async function readPools(nomad: NomadClient, signal: AbortSignal): Promise<readonly PoolRow[]> {
  const pools = (await nomad.list(nodePools.list)).items.filter(({ Name }) => Name !== "all");
  const names = pools.map(({ Name }) => Name);
  const nodes = names.length > 0 ? await nodesIn(nomad, names, signal) : new Map();
  return pools.flatMap((pool): PoolRow[] => {
    const inIt = nodes.get(pool.Name);
    return inIt === undefined ? [] : [{ pool, nodes: inIt }];
  });
}

/** How many of something were seen in all of some parts, and whether these are all. */
export function sumOf(parts: readonly Part<Seen<unknown>>[]): { readonly count: number; readonly complete: boolean } {
  const seen = parts.map((each) => given(each));
  return {
    count: seen.reduce((sum, each) => sum + (each?.rows.length ?? 0), 0),
    complete: seen.every((each) => each?.complete ?? false),
  };
}
