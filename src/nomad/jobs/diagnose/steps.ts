import { leadingStep } from "../../../text/step.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import type { JobState } from "../health/job-state.ts";
import type { Verdict } from "../health/verdict.ts";

/** No more than this is advised at once. */
const mostSteps = 3;

/**
 * What to do, safest first: what only looks, then the way back to the version that worked, then what the verdict
 * advises. `worked`: that version, where the one that fails is newer.
 */
export function stepsFor(verdict: Verdict, { nomad, job }: JobState, worked: number | undefined): string[] {
  const looks = verdict.next.filter(looksOnly);
  const revert = (version: string) =>
    toolOrCommand(nomad, ["revert_job", { job_id: job.ID, version }], ["job revert", job.ID, version]);
  const [first] = verdict.causes;
  // An older version would lack the node as well.
  const ofNode = first?.cure?.node === true;
  const back = worked === undefined || verdict.condition === "rolled back" || ofNode ? [] : [revert(String(worked))];
  const alone = verdict.next.length === 0 && back.length === 0 && first?.allocation !== undefined;
  const id = first?.allocation?.ID.slice(0, 8) ?? "";
  const more = alone
    ? [toolOrCommand(nomad, ["get_allocation_status", { allocation_id: id }], ["alloc status", id])]
    : [];
  const rest = verdict.next.filter((step) => !looksOnly(step));
  return [...new Set([...looks, ...back, ...more, ...rest])].slice(0, mostSteps);
}

/** True of advice that begins with a look at something, which changes nothing. */
const looksOnly = (advice: string) => leadingStep(advice)?.tool?.[0].startsWith("get_") ?? false;
