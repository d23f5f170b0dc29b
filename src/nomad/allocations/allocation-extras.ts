import { NomadError } from "../../api/errors/errors.ts";
import { type Allocation, allocations, type CheckResult, type TaskStats } from "../../endpoints/allocations.ts";
import { evaluations } from "../../endpoints/evaluations.ts";
import type { Service } from "../../endpoints/job.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { waitUntil } from "../evaluations/words.ts";
import { tasksOf } from "./allocation.ts";

/** What one task uses now; undefined where its driver does not measure it. */
interface Usage {
  readonly cpuMhz: number | undefined;
  readonly memoryMb: number | undefined;
}

/** What is worth knowing of an allocation and not kept with it. */
export interface Extras {
  readonly usage: ReadonlyMap<string, Usage>;
  /** The last results of Nomad's own checks; those of Consul are not visible to Nomad. */
  readonly checks: readonly CheckResult[];
  /** When the scheduler replaces the allocation, ms: only while that is still planned. */
  readonly nextAttempt: number | undefined;
  /** What could not be had, each with the reason. */
  readonly missing: readonly string[];
}

/** The extras may take this long together, in ms: the answer does not wait for a node that does not. */
const patience = 2_000;
/** More than any machine has, in bytes: what a driver reports above it is no measurement (mock_driver's are random). */
const unbelievable = 2 ** 50;

/** Reads what there may be for this allocation, in parallel; what fails or takes too long is named in `missing`. */
export async function readExtras(nomad: NomadClient, allocation: Allocation, signal: AbortSignal): Promise<Extras> {
  const late = AbortSignal.timeout(patience);
  const quick = nomad.within(AbortSignal.any([signal, late]));
  const missing: string[] = [];
  async function ask<T>(what: string, wanted: boolean, read: () => Promise<T>): Promise<T | undefined> {
    if (!wanted) return undefined;
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof NomadError) || signal.aborted) throw error;
      missing.push(`${what} (${late.aborted ? `no answer within ${patience / 1000} s` : reason(error)})`);
      return undefined;
    }
  }
  const { ID, ClientStatus, FollowupEvalID, NextAllocation } = allocation;
  const running = ClientStatus === "running";
  const waits = FollowupEvalID !== "" && NextAllocation === "";
  const [stats, checks, followup] = await Promise.all([
    ask("resource use", running, () => quick.get(allocations.stats, { allocation_id: ID })),
    ask("checks", running && checkedBy(allocation).includes("nomad"), () =>
      quick.get(allocations.checks, { allocation_id: ID }),
    ),
    ask("next attempt", waits, () => quick.get(evaluations.get, { evaluation_id: FollowupEvalID })),
  ]);
  if (stats !== undefined && Object.keys(stats.Tasks ?? {}).length === 0) {
    missing.push("resource use (not measured on its node)");
  }
  return {
    usage: new Map(Object.entries(stats?.Tasks ?? {}).map(([task, measured]) => [task, usage(measured)])),
    checks: Object.values(checks ?? {}),
    nextAttempt: followup?.Status === "pending" ? waitUntil(followup) : undefined,
    missing,
  };
}

/** Who runs the checks of an allocation's services: "nomad", "consul", both or nobody. */
export function checkedBy(allocation: Allocation): string[] {
  const group = allocation.Job?.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
  const services: readonly Service[] = [
    ...(group?.Services ?? []),
    ...tasksOf(allocation).flatMap((task) => task.Services ?? []),
  ];
  const checked = services.filter(({ Checks }) => (Checks?.length ?? 0) > 0);
  return [...new Set(checked.map(({ Provider }) => Provider || "consul"))];
}

function usage({ ResourceUsage: used }: TaskStats): Usage {
  const { CpuStats: cpu, MemoryStats: memory } = used ?? { CpuStats: null, MemoryStats: null };
  const bytes = memory?.Usage || memory?.RSS || 0;
  const measured = Boolean(memory?.Measured?.length) && bytes < unbelievable;
  return {
    cpuMhz: cpu?.Measured?.length ? Math.round(cpu.TotalTicks) : undefined,
    memoryMb: measured ? Math.round(bytes / 1024 ** 2) : undefined,
  };
}

function reason({ kind, reply }: NomadError): string {
  if (kind === "node_unreachable") return "its node cannot be reached";
  return kind === "forbidden" ? "the token may not read it" : quotedLine(reply, 100);
}
