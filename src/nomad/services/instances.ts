import { literal } from "../../api/request/path.ts";
import { type AllocationStub, allocations, type CheckResult } from "../../endpoints/allocations.ts";
import { type Registration, services } from "../../endpoints/services.ts";
import type { NomadClient } from "../../nomad-client.ts";
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
  /** "10.0.0.4:8080", "[fd00::4]:8080"; without a port where it has none. */
  readonly address: string;
  /** The node's name; that of its allocation where it cannot be had. */
  readonly on: string;
  /** "healthy", "check http fails", "no check", or why nothing is known. */
  readonly health: string;
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

/** So many services are asked about, of each so many instances are read (0.3 KB), and so many clients are asked for checks. */
const mostServices = 5;
const mostInstances = 5;
const mostChecked = 6;
/** Clients may take so long together, ms: the answer does not wait for a node that does not. */
const patience = 2_000;

/** Where services answer, on which node and whether their checks pass: at most 12 requests, three round trips deep. */
export async function readInstances(
  nomad: NomadClient,
  sought: readonly SoughtService[],
  signal: AbortSignal,
): Promise<Instances> {
  const found = await Promise.all(
    sought.slice(0, mostServices).map(async ({ namespace, name }) => {
      const query = { service_name: name, per_page: mostInstances + 1 };
      const rows = await part(signal, nomad.in(namespace).get(services.registrations, query));
      return { name, rows: given(rows) };
    }),
  );
  const rows = found.flatMap(({ rows }) => rows?.slice(0, mostInstances) ?? []);
  const ids = [...new Set(rows.map(({ AllocID }) => AllocID))];
  const quick = nomad.within(AbortSignal.timeout(patience));
  const [stubs, checks] = await Promise.all([
    stubsOf(nomad, ids, signal),
    Promise.all(
      ids.slice(0, mostChecked).map(async (id) => {
        const results = await part(signal, quick.get(allocations.checks, { allocation_id: id }));
        return [id, results] as const;
      }),
    ),
  ]);
  const checksOf = new Map<string, Part<Record<string, CheckResult> | null>>(checks);
  return {
    instances: rows.map((row) => ({
      ...{ namespace: row.Namespace, name: row.ServiceName, jobId: row.JobID, address: addressOf(row) },
      on: stubs.get(row.AllocID)?.NodeName ?? `allocation ${short(row.AllocID)}`,
      health: healthOf(row, checksOf.get(row.AllocID)),
    })),
    more: found.filter(({ rows }) => (rows?.length ?? 0) > mostInstances).map(({ name }) => name),
    unread: [
      ...found.filter(({ rows }) => rows === undefined).map(({ name }) => name),
      ...sought.slice(mostServices).map(({ name }) => name),
    ],
    none: found.filter(({ rows }) => rows?.length === 0).map(({ name }) => name),
  };
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
): string {
  if (results === undefined) return "checks not asked";
  if ("failed" in results) return "checks not to be had";
  const own = Object.values(results.value ?? {}).filter(({ Service }) => Service === ServiceName);
  const failing = own.find(({ Status }) => Status === "failure");
  if (failing) return `check ${failing.Check} fails`;
  const pending = own.find(({ Status }) => Status === "pending");
  if (pending) return `check ${pending.Check} pending`;
  return own.length > 0 ? "healthy" : "no check";
}
