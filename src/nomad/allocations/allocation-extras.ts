import { NomadError } from "../../api/errors/errors.ts";
import { type Allocation, allocations, type CheckResult } from "../../endpoints/allocations.ts";
import { evaluations } from "../../endpoints/evaluations.ts";
import type { Service } from "../../endpoints/job.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { waitUntil } from "../evaluations/words.ts";
import { tasksOf } from "./allocation.ts";
import { notCollected, type Usage, usageByTask } from "./usage.ts";

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
    missing.push(`resource use (not measured; as a rule: ${notCollected})`);
  }
  return {
    usage: stats === undefined ? new Map() : usageByTask(stats),
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

function reason({ kind, reply }: NomadError): string {
  if (kind === "node_unreachable") return "its node cannot be reached";
  return kind === "forbidden" ? "the token may not read it" : quotedLine(reply, 100);
}
