import { NomadError } from "../../../api/errors/errors.ts";
import { literal } from "../../../api/request/path.ts";
import { allocations } from "../../../endpoints/allocations.ts";
import { lines, some } from "../../../text/words.ts";
import { portTexts } from "../../allocations/addresses.ts";
import { lastLines } from "../health/evidence.ts";
import type { JobState } from "../health/job-state.ts";
import type { Verdict } from "../health/verdict.ts";

/** So many addresses are told; get_allocation_status has the rest. */
const mostAddresses = 4;

/**
 * What an outcome is asked for next: where what runs now answers, and what a run that ended well said last. Empty where
 * there is neither, or it cannot be read.
 */
export async function resultOf({
  state,
  verdict,
}: {
  readonly state: JobState;
  readonly verdict: Verdict;
}): Promise<string> {
  try {
    if (verdict.condition === "running" && verdict.settled) return await addresses(state);
    if (verdict.condition === "complete" && state.job.ParentID !== "") return await lastWords(state);
    return "";
  } catch (error) {
    if (error instanceof NomadError && error.kind !== "cancelled") return "";
    throw error;
  }
}

async function addresses({ nomad, job }: JobState): Promise<string> {
  const networks = (job.TaskGroups ?? []).flatMap((group) => group.Networks ?? []);
  const ports = networks.flatMap(({ DynamicPorts, ReservedPorts }) => [
    ...(DynamicPorts ?? []),
    ...(ReservedPorts ?? []),
  ]);
  if (ports.length === 0) return "";
  const { items } = await nomad.list(allocations.list, {
    filter: `JobID == ${literal(job.ID)} and DesiredStatus == "run" and ClientStatus == "running" and NextAllocation == ""`,
    ...{ reverse: true, per_page: mostAddresses, task_states: false, resources: true },
  });
  const told = items.flatMap((allocation) => portTexts(allocation));
  return told.length > 0 ? `Ports: ${some(told.toSorted(), mostAddresses)}` : "";
}

/** Of the task that the run is about: the leader, else the first that is no preparation. */
async function lastWords(state: JobState): Promise<string> {
  const ended = state.latest.find(({ ClientStatus }) => ClientStatus === "complete");
  const group = state.job.TaskGroups?.find(({ Name }) => Name === ended?.TaskGroup);
  const own = (group?.Tasks ?? []).filter(({ Lifecycle }) => !Lifecycle);
  const task = own.find(({ Leader }) => Leader) ?? own[0];
  if (ended === undefined || task === undefined) return "";
  const { evidence } = await lastLines(state, ended, task.Name);
  return lines(...evidence);
}
