import type { AllocationStub } from "../../endpoints/allocations.ts";
import { short } from "../../text/words.ts";

/** `worker[0]` of `job.worker[0]`. */
export function shortName({ Name, JobID }: AllocationStub): string {
  return Name.startsWith(`${JobID}.`) ? Name.slice(JobID.length + 1) : Name;
}

/** "worker[0] (9330ddf8 on client-1)" */
export function called(allocation: AllocationStub): string {
  return `${shortName(allocation)} (${short(allocation.ID)} on ${allocation.NodeName || short(allocation.NodeID)})`;
}

/** True where nothing of it runs any more, or will. */
export function hasEnded({ ClientStatus }: Pick<AllocationStub, "ClientStatus">): boolean {
  return ["complete", "failed", "lost"].includes(ClientStatus);
}
