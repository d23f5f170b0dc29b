import { Refusal } from "../../../api/errors/refusal.ts";
import type { Job } from "../../../endpoints/job.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { lines } from "../../../text/words.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import { finishes, isParent } from "../health/job-state.ts";
import { anotherRun, launchStep } from "../runs.ts";

/**
 * Refuses what cannot be launched as asked, and says what to use in its place: a job of another kind, a child, a stopped
 * or disabled job.
 *
 * @throws Refusal, before anything is sent.
 */
export function refuseUnlaunchable(nomad: NomadClient, job: Job, kind: "periodic" | "parameterized"): void {
  const refused = reason(nomad, job, kind);
  if (refused === undefined) return;
  const [why, next] = refused;
  throw new Refusal(lines(`${job.ID} ${why}. Nothing was started.`, `Next: ${next}`));
}

function reason(
  nomad: NomadClient,
  job: Job,
  kind: "periodic" | "parameterized",
): readonly [why: string, next: string] | undefined {
  const { ID: id, ParentID, Periodic, ParameterizedJob, Stop } = job;
  const step = (tool: string, verb: string) => toolOrCommand(nomad, [tool, { job_id: id }], [verb, id]);
  const start = step("start_job", "job start");
  if (ParentID !== "") return [`is itself one run of ${ParentID}`, anotherRun(nomad, job)];
  if (kind === "periodic" ? Periodic === null : ParameterizedJob === null) {
    if (isParent(job)) {
      return [`is ${Periodic ? "periodic" : "parameterized"}, not ${kind}`, launchStep(nomad, job)];
    }
    const own = `is not ${kind}: it is a ${job.Type} job, which runs by itself`;
    if (Stop) return [`${own}, and it is stopped`, start];
    const again = `${step("stop_job", "job stop")}, then ${start}`;
    return [own, finishes(job) ? `to run it again: ${again}` : step("restart_job", "job restart")];
  }
  if (Stop) return ["is stopped, and a stopped job launches nothing", start];
  if (kind === "periodic" && Periodic?.Enabled === false) {
    const submit = toolOrCommand(nomad, ["submit_job_file", {}], ["job run"]);
    return [
      "is disabled (enabled = false in its periodic block), and Nomad launches nothing of it, forced or not",
      `${submit} with enabled = true`,
    ];
  }
  return undefined;
}
