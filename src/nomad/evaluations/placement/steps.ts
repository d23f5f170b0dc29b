import type { NomadClient } from "../../../nomad-client.ts";
import { ifOffered, toolCall } from "../../shared/next-step.ts";
import type { Placement } from "./placement.ts";

const mostCures = 3;

/** What would let a job's groups be placed, as the rest of a `Next:` line; empty where nothing follows from the reasons. */
export function placingSteps(nomad: NomadClient, jobId: string, placements: readonly Placement[]): string {
  const cures = [...new Set(placements.flatMap(({ cures }) => cures))].slice(0, mostCures);
  if (cures.length === 0) return "";
  const force = `; ${toolCall(nomad, "force_evaluate_job", { job_id: jobId })} tries at once`;
  return `${cures.join(", or ")}${ifOffered("force_evaluate_job", force, "")}`;
}
