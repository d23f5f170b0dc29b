import { literal } from "../../api/request/path.ts";
import { type AllocationStub, allocations, type CheckResult } from "../../endpoints/allocations.ts";
import { type Registration, services } from "../../endpoints/services.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { gather } from "../../text/gather.ts";
import { short } from "../../text/words.ts";
import { given, type Part, part } from "../shared/parts.ts";

/** A service as a job names it, of Nomad's own provider. */
export interface SoughtService {
  readonly namespace: string;
  readonly name: string;
}

/** An allocation that offers a service. */
export interface Instance extends SoughtService {
  readonly jobId: string;
  readonly allocationId: string;
  /** "10.0.0.4:8080", "[fd00::4]:8080"; without a port where it has none. */
  readonly address: string;
  /** The node's name; that of its allocation where it cannot be had. */
  readonly on: string;
  /** "healthy", "check http fails", "no check", or why nothing is known. */
  readonly health: string;
  /** Whether its checks were asked and answered. */
  readonly checked: boolean;
  /** The first of its checks that fails. */
  readonly failing: CheckResult | undefined;
}

export interface Instances {
  readonly instances: readonly Instance[];
  /** Those that have more instances than were read. */
  readonly more: readonly string[];
  /** Those that were not asked about: too many, or not to be read. */
  readonly unread: readonly string[];
  /** Those without an instance. */
  readonly none: readonly string[];
}

/** How much is read: an instance has 0.3 KB, and only the node of an allocation has the results of its checks. */
export interface Bounds {
  readonly services: number;
  readonly instances: number;
  readonly checked: number;
}

const beside: Bounds = { services: 5, instances: 5, checked: 6 };
/** Clients may take so long together, ms: the answer does not wait for a node that does not. */
const patience = 2_000;

/**
 * Where services answer, on which node and whether their checks pass: a request for each service, one more and one for
 * each allocation whose checks are asked, by default 12 at most; three round trips deep.
 */
export async function readInstances(
  nomad: NomadClient,
  sought: readonly SoughtService[],
  signal: AbortSignal,
  most: Bounds = beside,
): Promise<Instances> {
  const found = await Promise.all(
    sought.slice(0, most.services).map(async ({ namespace, name }) => {
      const query = { service_name: name, per_page: most.instances + 1 };
      const rows = await part(signal, nomad.in(namespace).get(services.registrations, query));
      return { name, rows: given(rows) };
    }),
  );
  const rows = found.flatMap(({ rows }) => rows?.slice(0, most.instances) ?? []);
  return {
    instances: await instancesOf(nomad, rows, signal, most.checked),
    more: found.filter(({ rows }) => (rows?.length ?? 0) > most.instances).map(({ name }) => name),
    unread: [
      ...found.filter(({ rows }) => rows === undefined).map(({ name }) => name),
      ...sought.slice(most.services).map(({ name }) => name),
    ],
    none: found.filter(({ rows }) => rows?.length === 0).map(({ name }) => name),
  };
}

/** What is registered, with node and checks: one request, and one for each of so many allocations, of every service some. */
export async function instancesOf(
  nomad: NomadClient,
  rows: readonly Registration[],
  signal: AbortSignal,
  mostChecked: number,
): Promise<Instance[]> {
  const ids = [...new Set(rows.map(({ AllocID }) => AllocID))];
  const quick = nomad.within(AbortSignal.timeout(patience));
  const [stubs, checks] = await Promise.all([
    stubsOf(nomad, ids, signal),
    Promise.all(
      inTurns(rows)
        .slice(0, mostChecked)
        .map(async (id) => {
          const results = await part(signal, quick.get(allocations.checks, { allocation_id: id }));
          return [id, results] as const;
        }),
    ),
  ]);
  const checksOf = new Map<string, Part<Record<string, CheckResult> | null>>(checks);
  return rows.map((row) => ({
    ...{ namespace: row.Namespace, name: row.ServiceName, jobId: row.JobID, allocationId: row.AllocID },
    address: addressOf(row),
    on: stubs.get(row.AllocID)?.NodeName ?? `allocation ${short(row.AllocID)}`,
    ...healthOf(row, checksOf.get(row.AllocID)),
  }));
}

/** The allocations, the first of each service before the second of any. */
function inTurns(rows: readonly Registration[]): string[] {
  const byService = [...gather(rows, ({ Namespace, ServiceName }) => `${Namespace}\n${ServiceName}`).values()];
  const turns = byService.flatMap((each) => each.map(({ AllocID }, turn) => ({ AllocID, turn })));
  return [...new Set(turns.toSorted((one, other) => one.turn - other.turn).map(({ AllocID }) => AllocID))];
}

async function stubsOf(
  nomad: NomadClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, AllocationStub>> {
  if (ids.length === 0) return new Map();
  const filter = ids.map((id) => `ID == ${literal(id)}`).join(" or ");
  const list = nomad.list(allocations.list, { filter, per_page: ids.length, task_states: false });
  const page = given(await part(signal, list));
  return new Map((page?.items ?? []).map((stub) => [stub.ID, stub]));
}

function addressOf({ Address, Port }: Registration): string {
  const host = Address.includes(":") ? `[${Address}]` : Address;
  return Port > 0 ? `${host}:${Port}` : host;
}

function healthOf(
  { ServiceName }: Registration,
  results: Part<Record<string, CheckResult> | null> | undefined,
): Pick<Instance, "health" | "checked" | "failing"> {
  if (results === undefined) return { health: "checks not asked", checked: false, failing: undefined };
  if ("failed" in results) return { health: "checks not to be had", checked: false, failing: undefined };
  const own = Object.values(results.value ?? {}).filter(({ Service }) => Service === ServiceName);
  const failing = own.find(({ Status }) => Status === "failure");
  const pending = own.find(({ Status }) => Status === "pending");
  const said = failing
    ? `check ${failing.Check} fails`
    : pending
      ? `check ${pending.Check} pending`
      : own.length > 0
        ? "healthy"
        : "no check";
  return { health: said, checked: true, failing };
}
