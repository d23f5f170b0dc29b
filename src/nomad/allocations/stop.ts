import { type Allocation, allocations } from "../../endpoints/allocations.ts";
import type { Evaluation } from "../../endpoints/evaluations.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { type Answer, answer, following } from "../../text/answer.ts";
import { short } from "../../text/words.ts";
import { follow, inTime } from "../jobs/change/follow.ts";
import { orMissing } from "../jobs/find.ts";
import { changes } from "../shared/changes.ts";
import { unchanged } from "../shared/exact-id.ts";
import { showStep, toolOrCommand } from "../shared/next-step.ts";
import { sendOnce } from "../shared/send-once.ts";
import type { Waiting } from "../shared/waiting.ts";
import { allocationVerdict } from "./allocation-verdict.ts";
import { called, hasEnded } from "./words.ts";

/** So long before the end of the time the waiting ends, ms. */
const spare = 500;

/** What takes the place of a stopped allocation, by the type of its job. */
export function afterStop({ JobType }: Allocation): string {
  switch (JobType) {
    case "service":
      return "the scheduler places another one in its stead, maybe elsewhere";
    case "batch":
      return "the scheduler places another one, which begins anew";
    default:
      return "its node stays without one until the job is evaluated with reschedule";
  }
}

/**
 * Stops an allocation, so that the scheduler places another one in its stead, and tells what came of that. One that has
 * ended or is being stopped is left alone: Nomad would evaluate its job once more.
 */
export async function stopAllocation(nomad: NomadClient, allocation: Allocation, waiting: Waiting): Promise<Answer> {
  const { ID, JobID, Namespace, DesiredStatus, NextAllocation } = allocation;
  const name = `${called(allocation)} of ${JobID}`;
  const now = nomad.now();
  const look = showStep(nomad, "allocation", short(ID));
  if (hasEnded(allocation) || DesiredStatus !== "run") {
    const { sentence } = allocationVerdict(allocation, now);
    const instead = NextAllocation ? `; ${short(NextAllocation)} is in its stead` : "";
    return { ...answer(`${name} ${sentence}${instead}. ${unchanged}`), data: data(allocation, NextAllocation) };
  }
  const write = () => nomad.write(allocations.stop, { allocation_id: ID });
  const { EvalID } = await sendOnce(write, () => seen(nomad, allocation), look);
  const said = `${name} stopped (namespace ${Namespace})`;
  waiting.report(said);
  let successor = "";
  const followed = await follow(nomad, {
    ...{ jobId: JobID, evaluationId: EvalID, ...waiting },
    async tell(limited, evaluation, outcome) {
      const after = await limited.get(allocations.get, { allocation_id: ID });
      successor = after.NextAllocation || "";
      if (successor !== "") {
        const instead = `replaced by ${await place(limited, successor)}`;
        if (allocation.JobType !== "batch") return following(`${instead}; `, await outcome());
        return answer(`${instead}, which ${await begun(limited, successor, waiting.until)}`);
      }
      return unreplaced(nomad, allocation, evaluation) ?? (await outcome());
    },
  });
  const rest = following(`${said}; `, followed);
  const lingers = waiting.until > Date.now() && !(await hasGone(nomad, allocation, waiting));
  return {
    ...rest,
    sections: [lingers && "The stopped one still shuts down", ...(rest.sections ?? [])],
    data: { ...data(allocation, successor), evaluation_id: EvalID, ...followed.data },
  };
}

/** Why nothing takes its place, where that is no lack of room: the outcome tells of that. */
function unreplaced(nomad: NomadClient, { JobID, JobType }: Allocation, evaluation: Evaluation): Answer | undefined {
  if (Object.keys(evaluation.FailedTGAllocs ?? {}).length > 0 || evaluation.Status !== "complete") return undefined;
  if (JobType !== "system" && JobType !== "sysbatch") return undefined;
  const call = ["force_evaluate_job", { job_id: JobID, reschedule: true }] as const;
  const again = toolOrCommand(nomad, call, ["job eval", "-force-reschedule", JobID]);
  return {
    headline: `nothing takes its place: a ${JobType} job gets another one there only when it is evaluated again`,
    next: [again],
  };
}

/** "9330ddf8 on client-2"; the id alone where it cannot be read. */
async function place(nomad: NomadClient, id: string): Promise<string> {
  const next = await orMissing(nomad.get(allocations.get, { allocation_id: id }));
  return next === undefined ? short(id) : `${short(id)} on ${next.NodeName}`;
}

/** Waits until the stopped one has ended; false where it has not by then, or that is not known. */
async function hasGone(nomad: NomadClient, { ID }: Allocation, { until, report }: Waiting): Promise<boolean> {
  const found = await inTime(nomad, until, async (limited) => {
    const next = changes(limited, allocations.get, { allocation_id: ID }, until - spare);
    for (let now = await next(); now !== undefined; now = await next()) {
      if (hasEnded(now)) return true;
      report("waiting for the end of the stopped one");
    }
    return false;
  });
  return "value" in found && found.value;
}

/** Waits until what takes its place runs, where a job is done only when that has ended. */
async function begun(nomad: NomadClient, id: string, until: number): Promise<string> {
  const next = changes(nomad, allocations.get, { allocation_id: id }, until - spare);
  let sentence = "";
  for (let now = await next(); now !== undefined; now = await next()) {
    sentence = allocationVerdict(now, nomad.now()).sentence;
    if (now.ClientStatus !== "pending") break;
  }
  return sentence;
}

async function seen(nomad: NomadClient, { ID }: Allocation): Promise<string> {
  const now = await nomad.get(allocations.get, { allocation_id: ID });
  return `it ${allocationVerdict(now, nomad.now()).sentence}`;
}

function data(allocation: Allocation, successor: string): Readonly<Record<string, unknown>> {
  const { ID, JobID, Namespace } = allocation;
  return { allocation_id: ID, job_id: JobID, namespace: Namespace, ...(successor && { replaced_by: successor }) };
}
