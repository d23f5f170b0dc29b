import { literal } from "../../api/request/path.ts";
import { allocations } from "../../endpoints/allocations.ts";
import type { Noun } from "../../endpoints/endpoint.ts";
import { jobs } from "../../endpoints/jobs.ts";
import { namespaces } from "../../endpoints/namespaces.ts";
import { nodes } from "../../endpoints/nodes.ts";
import { search } from "../../endpoints/search.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { dashed } from "./uuid.ts";

/** What an id or a name can be that somebody has begun to type. */
export interface Suggested {
  readonly values: readonly string[];
  readonly more: boolean;
}

/** So many ids are suggested, as Nomad's search does. */
const mostIds = 20;
const mostNames = 50;

/**
 * UUIDs that begin with what was typed; the newest, where nothing was. Nomad's search takes pairs of digits: of an odd
 * number of them it gives the first twenty of all that fit without the last one, and drops those that do not fit.
 */
export async function suggestIds(nomad: NomadClient, { context, list, slim }: Noun, typed: string): Promise<Suggested> {
  const digits = typed.toLowerCase().replaceAll("-", "");
  if (!/^[0-9a-f]{0,32}$/.test(digits)) return { values: [], more: false };
  if (digits.length % 2 === 0 && digits !== "") {
    const reply = await nomad.ask(search.prefix, {}, { Prefix: dashed(digits), Context: context });
    return { values: reply.Matches?.[context] ?? [], more: reply.Truncations?.[context] ?? false };
  }
  const { items, next } = await nomad.list(list, {
    filter: digits === "" ? undefined : `ID matches ${literal(`^${dashed(digits)}`)}`,
    reverse: true,
    per_page: mostIds,
    ...slim,
  });
  return { values: items.map(({ ID }) => ID), more: next !== undefined };
}

/** Jobs that begin with what was typed: the runs of a periodic or parameterized one only behind its `/`. */
export async function suggestJobs(nomad: NomadClient, typed: string): Promise<Suggested> {
  const { items, next } = await nomad.list(jobs.list, {
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
    nomad.list(nodes.list, { filter, per_page: mostNames }),
    typed === "" ? undefined : nomad.ask(search.prefix, {}, { Prefix: typed.toLowerCase(), Context: "nodes" }),
  ]);
  const values = [...named.items.map(({ Name }) => Name), ...(ids?.Matches?.nodes ?? [])];
  return { values, more: named.next !== undefined || (ids?.Truncations?.nodes ?? false) };
}

/** Namespaces that begin with what was typed; those that the token sees. */
export async function suggestNamespaces(nomad: NomadClient, typed: string): Promise<Suggested> {
  const { items } = await nomad.list(namespaces.list, { prefix: typed || undefined });
  return { values: items.map(({ Name }) => Name), more: false };
}

/** The groups of a job that begin with what was typed. */
export async function suggestGroups(nomad: NomadClient, jobId: string, typed: string): Promise<Suggested> {
  const { TaskGroups } = await nomad.get(jobs.get, { job_id: jobId });
  return beginning(
    (TaskGroups ?? []).map(({ Name }) => Name),
    typed,
  );
}

/** The tasks of an allocation that begin with what was typed; `allocationId`: its full id. */
export async function suggestTasks(nomad: NomadClient, allocationId: string, typed: string): Promise<Suggested> {
  const query = { prefix: allocationId, per_page: 1, namespace: "*" };
  const { items } = await nomad.list(allocations.list, query);
  return beginning(Object.keys(items[0]?.TaskStates ?? {}), typed);
}

function beginning(names: readonly string[], typed: string): Suggested {
  return { values: names.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase())), more: false };
}
