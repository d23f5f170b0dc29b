import { literal } from "../../api/request/path.ts";
import { type JobStub, jobs } from "../../endpoints/jobs.ts";
import { type NodeStub, nodes } from "../../endpoints/nodes.ts";
import type { NomadClient, Page } from "../../nomad-client.ts";
import { gather } from "../../text/gather.ts";
import { given, type Part, part } from "../shared/parts.ts";

// Nomad counts neither jobs nor nodes, so rows are read: 0.6 KB a job, 1.3 KB a node.

/** What was seen of a namespace or a pool, and whether that is all that is in it. */
export interface Seen<T> {
  readonly rows: readonly T[];
  readonly complete: boolean;
}

const firstJobs = 500;
const firstNodes = 200;
/** Where these are not all, so many are read of each namespace or pool of which fewer were among them. */
const ofEach = 50;
/** Of so many pools. */
const mostPools = 10;

/**
 * The jobs of namespaces without the runs of periodic and parameterized ones: one request of 300 KB, and where the cluster has
 * more jobs, one of 30 KB for each namespace that this leaves open. `seesAll`: false where the list leaves out namespaces
 * without a word: then one of which it has nothing is asked by itself, too.
 */
export async function jobsIn(
  nomad: NomadClient,
  names: readonly string[],
  seesAll: boolean,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Part<Seen<JobStub>>>> {
  const filter = 'ParentID == ""';
  const read = (namespace: string, per_page: number) => nomad.list(jobs.list, { namespace, filter, per_page });
  const first = await part(signal, read("*", firstJobs));
  return await byOwner(names, first, ({ Namespace }) => Namespace, {
    isOpen: (seen) => !seesAll && seen.rows.length === 0,
    read: (name) => part(signal, read(name, ofEach)),
  });
}

/** The nodes of pools: one request of 260 KB, and where the cluster has more nodes, one of 65 KB for each of ten pools. */
export async function nodesIn(
  nomad: NomadClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Part<Seen<NodeStub>>>> {
  const first = await part(signal, nomad.list(nodes.list, { per_page: firstNodes }));
  return await byOwner(names, first, ({ NodePool = "default" }) => NodePool, {
    isOpen: () => false,
    read: (name) =>
      names.indexOf(name) < mostPools
        ? part(signal, nomad.list(nodes.list, { filter: `NodePool == ${literal(name)}`, per_page: ofEach }))
        : undefined,
  });
}

interface Reading<T> {
  /** Whether one has to be asked by itself although the first page was all. */
  isOpen(seen: Seen<T>): boolean;
  /** A page of one alone; undefined where it is not read. */
  read(name: string): Promise<Part<Page<T>>> | undefined;
}

async function byOwner<T>(
  names: readonly string[],
  first: Part<Page<T>>,
  ownerOf: (row: T) => string,
  { isOpen, read }: Reading<T>,
): Promise<ReadonlyMap<string, Part<Seen<T>>>> {
  const page = given(first);
  if (page === undefined) return new Map(names.map((name) => [name, first as Part<never>]));
  const groups = gather(page.items, ownerOf);
  const known = names.map(async (name): Promise<[string, Part<Seen<T>>]> => {
    const seen = { rows: groups.get(name) ?? [], complete: page.next === undefined };
    if (seen.complete ? !isOpen(seen) : seen.rows.length >= ofEach) return [name, { value: seen }];
    const own = await read(name);
    if (own === undefined) return [name, { value: seen }];
    const found = given(own);
    if (found === undefined) return [name, own as Part<never>];
    return [name, { value: { rows: found.items, complete: found.next === undefined } }];
  });
  return new Map(await Promise.all(known));
}
