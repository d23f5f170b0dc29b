import { Refusal } from "../../api/errors/refusal.ts";
import type { Job } from "../../endpoints/job.ts";
import { jobs } from "../../endpoints/jobs.ts";
import { type Registration, services } from "../../endpoints/services.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { nearest } from "../../text/nearest.ts";
import { some } from "../../text/words.ts";
import { readJob } from "../jobs/find.ts";
import { type Instance, instancesOf, readInstances, type SoughtService } from "./instances.ts";

/** Services of Nomad's own provider: a page of all, or the instances of one of them or of one job. */
export interface ListedServices {
  /** Which question was asked. */
  readonly of: { readonly kind: "all" } | { readonly kind: "service" | "job"; readonly name: string };
  readonly instances: readonly Instance[];
  /** How many services there are. */
  readonly total: number;
  /** Services that have more instances than are told. */
  readonly more: readonly string[];
  /** Services that could not be read. */
  readonly unread: readonly string[];
  /** What the next page begins with. */
  readonly next: string | undefined;
  /** Where nothing was found: the namespaces that have services. */
  readonly elsewhere: readonly string[];
  /** The job that was asked about. */
  readonly job?: Job;
  /** The client bound to the namespace in which it was found. */
  readonly nomad: NomadClient;
  /** How it was found, where that is worth saying. */
  readonly note?: string | undefined;
}

/** What is asked for. */
export interface AskedServices {
  readonly name?: string | undefined;
  readonly job_id?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Of a page of all services so many instances of each are told, and so many allocations are asked for their checks. */
export const mostOfEach = 3;
const checkedOfAll = 10;
const checkedOfOne = 15;
/** Where one name is in several namespaces, so many of them are looked at. */
const mostNamespaces = 5;

/**
 * Lists services. A page of all is one request of all names, which Nomad gives in one reply of about 50 bytes each, one
 * of at most 1.4 KB for each service of the page, and 11 more. One service or job is at most 23 requests.
 *
 * @throws Refusal where there is no such service or job, with the nearest names.
 */
export async function listServices(
  nomad: NomadClient,
  asked: AskedServices,
  signal: AbortSignal,
): Promise<ListedServices> {
  if (asked.job_id !== undefined) return await ofJob(nomad, asked.job_id, asked, signal);
  if (asked.name !== undefined) return await ofName(nomad, asked.name, asked, signal);
  const all = await readNames(nomad);
  const from = asked.cursor === undefined ? 0 : all.findIndex((each) => keyOf(each) >= (asked.cursor ?? ""));
  const rest = from < 0 ? [] : all.slice(from);
  const bounds = { services: asked.limit, instances: mostOfEach, checked: checkedOfAll };
  const found = await readInstances(nomad, rest.slice(0, asked.limit), signal, bounds);
  const following = rest[asked.limit];
  return {
    ...{ ...found, of: { kind: "all" }, total: all.length, nomad },
    next: following && keyOf(following),
    elsewhere: all.length === 0 && nomad.namespace !== "*" ? placesOf(await readNames(nomad.in("*"))) : [],
  };
}

/** Where a service stands in the order of all. */
const keyOf = ({ namespace, name }: SoughtService) => `${namespace}/${name}`;

/** All names in the namespaces of the client, in the order of both. */
async function readNames(nomad: NomadClient): Promise<SoughtService[]> {
  const { items } = await nomad.list(services.list);
  const all = items.flatMap(({ Namespace, Services }) =>
    (Services ?? []).map(({ ServiceName }) => ({ namespace: Namespace, name: ServiceName })),
  );
  return all.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

const placesOf = (found: readonly SoughtService[]) => [...new Set(found.map(({ namespace }) => namespace))];

async function ofName(
  nomad: NomadClient,
  name: string,
  { limit, cursor }: AskedServices,
  signal: AbortSignal,
): Promise<ListedServices> {
  const read = async (place: NomadClient) =>
    await place.list(services.registrations, { service_name: name, per_page: limit, next_token: cursor });
  const of = { kind: "service", name } as const;
  const listed = async (place: NomadClient, rows: readonly Registration[]) => ({
    ...{ of, instances: await instancesOf(place, rows, signal, checkedOfOne), total: 1 },
    ...{ more: [], unread: [], elsewhere: [], nomad: place },
  });
  if (nomad.namespace !== "*") {
    const { items, next } = await read(nomad);
    if (items.length > 0) return { ...(await listed(nomad, items)), next };
  }
  const all = await readNames(nomad.in("*"));
  const places = placesOf(all.filter((each) => each.name === name));
  const [only, ...others] = places;
  if (only === undefined) throw unknownService(nomad, name, all);
  if (others.length === 0) {
    const place = nomad.in(only);
    const { items, next } = await read(place);
    const note = nomad.namespace === "*" ? undefined : `(${name} is in namespace ${only}, not in ${nomad.namespace})`;
    return { ...(await listed(place, items)), next, note };
  }
  const pages = await Promise.all(places.slice(0, mostNamespaces).map(async (each) => await read(nomad.in(each))));
  const rows = pages.flatMap(({ items }) => items).slice(0, limit);
  const cut = pages.some(({ next }) => next !== undefined) || pages.flatMap(({ items }) => items).length > limit;
  return { ...(await listed(nomad.in("*"), rows)), more: cut ? [name] : [], next: undefined };
}

function unknownService(nomad: NomadClient, name: string, all: readonly SoughtService[]): Refusal {
  const names = [...new Set(all.map((each) => each.name))];
  const near = nearest(name, names) ?? names.find((each) => each.includes(name));
  const hint = near
    ? `The nearest is ${near}.`
    : names.length > 0
      ? `There is ${some(names, 8)}.`
      : "No service is registered at all.";
  const where = nomad.namespace === "*" ? "" : ` in namespace ${nomad.namespace} or another`;
  return new Refusal(
    `No service ${JSON.stringify(name)} of Nomad's own provider is registered${where}. ${hint} Those of Consul are not seen here.`,
  );
}

async function ofJob(
  nomad: NomadClient,
  jobId: string,
  { name, limit }: AskedServices,
  signal: AbortSignal,
): Promise<ListedServices> {
  const found = await readJob(nomad, jobId, async (place, id) => {
    const [job, rows] = await Promise.all([
      place.get(jobs.get, { job_id: id }),
      place.get(services.ofJob, { job_id: id }),
    ]);
    return { job, rows };
  });
  const { nomad: place, note, value } = found;
  const rows = value.rows.filter(({ ServiceName }) => name === undefined || ServiceName === name);
  const names = [...new Set(rows.map(({ ServiceName }) => ServiceName))];
  return {
    of: { kind: "job", name: found.id },
    instances: await instancesOf(place, rows.slice(0, limit), signal, checkedOfOne),
    ...{ total: names.length, more: rows.length > limit ? names : [], unread: [], next: undefined, elsewhere: [] },
    ...{ job: value.job, nomad: place, note },
  };
}
