import { literal, path } from "../api/path.ts";
import type { AllocationStub, Job, NodeStub } from "../api/types.ts";
import type { NomadClient } from "../nomad-client.ts";
import { dashed } from "./find.ts";

/** What an id or a name can be that somebody has begun to type. */
export interface Suggested {
  readonly values: readonly string[];
  readonly more: boolean;
}

/** The contexts of Nomad's prefix search (nomad/structs/search.go) whose matches are UUIDs. */
export type Searched = "allocs" | "evals" | "deployment";

const lists = {
  allocs: path`/v1/allocations`,
  evals: path`/v1/evaluations`,
  deployment: path`/v1/deployments`,
};

interface SearchReply {
  Matches: Record<string, string[] | null> | null;
  Truncations: Record<string, boolean> | null;
}

/** So many ids are suggested, as Nomad's search does. */
const mostIds = 20;
const mostNames = 50;

/**
 * UUIDs that begin with what was typed; the newest, where nothing was. Nomad's search takes pairs of digits: of an odd
 * number of them it gives the first twenty of all that fit without the last one, and drops those that do not fit.
 */
export async function suggestIds(nomad: NomadClient, context: Searched, typed: string): Promise<Suggested> {
  const digits = typed.toLowerCase().replaceAll("-", "");
  if (!/^[0-9a-f]{0,32}$/.test(digits)) return { values: [], more: false };
  if (digits.length % 2 === 0 && digits !== "") {
    const reply = await nomad.ask<SearchReply>(path`/v1/search`, { Prefix: dashed(digits), Context: context });
    return { values: reply.Matches?.[context] ?? [], more: reply.Truncations?.[context] ?? false };
  }
  const { items, next } = await nomad.list<{ ID: string }>(lists[context], {
    filter: digits === "" ? undefined : `ID matches ${literal(`^${dashed(digits)}`)}`,
    reverse: true,
    per_page: mostIds,
    ...(context === "allocs" && { task_states: false }),
  });
  return { values: items.map(({ ID }) => ID), more: next !== undefined };
}

/** Jobs that begin with what was typed: the runs of a periodic or parameterized one only behind its `/`. */
export async function suggestJobs(nomad: NomadClient, typed: string): Promise<Suggested> {
  const { items, next } = await nomad.list<{ ID: string }>(path`/v1/jobs`, {
    prefix: typed || undefined,
    filter: typed.includes("/") ? undefined : 'ParentID == ""',
    per_page: mostNames,
  });
  return { values: items.map(({ ID }) => ID), more: next !== undefined };
}

/** Names of nodes that hold what was typed, and ids that begin with it. */
export async function suggestNodes(nomad: NomadClient, typed: string): Promise<Suggested> {
  const filter = typed === "" ? undefined : `Name contains ${literal(typed)}`;
  const [named, ids] = await Promise.all([
    nomad.list<NodeStub>(path`/v1/nodes`, { filter, per_page: mostNames }),
    typed === ""
      ? undefined
      : nomad.ask<SearchReply>(path`/v1/search`, { Prefix: typed.toLowerCase(), Context: "nodes" }),
  ]);
  const values = [...named.items.map(({ Name }) => Name), ...(ids?.Matches?.nodes ?? [])];
  return { values, more: named.next !== undefined || (ids?.Truncations?.nodes ?? false) };
}

/** Namespaces that begin with what was typed; those that the token sees. */
export async function suggestNamespaces(nomad: NomadClient, typed: string): Promise<Suggested> {
  const { items } = await nomad.list<{ Name: string }>(path`/v1/namespaces`, { prefix: typed || undefined });
  return { values: items.map(({ Name }) => Name), more: false };
}

/** The groups of a job that begin with what was typed. */
export async function suggestGroups(nomad: NomadClient, jobId: string, typed: string): Promise<Suggested> {
  const { TaskGroups } = await nomad.get<Job>(path`/v1/job/${jobId}`);
  return beginning(
    (TaskGroups ?? []).map(({ Name }) => Name),
    typed,
  );
}

/** The tasks of an allocation that begin with what was typed; `allocationId`: its full id. */
export async function suggestTasks(nomad: NomadClient, allocationId: string, typed: string): Promise<Suggested> {
  const query = { prefix: allocationId, per_page: 1, namespace: "*" };
  const { items } = await nomad.list<AllocationStub>(path`/v1/allocations`, query);
  return beginning(Object.keys(items[0]?.TaskStates ?? {}), typed);
}

function beginning(names: readonly string[], typed: string): Suggested {
  return { values: names.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase())), more: false };
}
