import type { Deployment } from "../../endpoints/deployments.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { table } from "../../text/table.ts";
import { ago, fromGoTime, fromNanoseconds, span } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { plural, short, some } from "../../text/words.ts";
import { allocationVerdict } from "../allocations/allocation-verdict.ts";
import { called } from "../allocations/words.ts";
import { ifOffered, showStep, toolCall } from "../shared/next-step.ts";
import type { SeenDeployment } from "./seen-deployment.ts";
import {
  decideSteps,
  groupsOf,
  healthCounts,
  healthText,
  heldClause,
  heldSteps,
  isActive,
  statusReason,
  unpromoted,
  waitsForPromotion,
} from "./words.ts";

/** So many of the unhealthy allocations are told of; they mostly have the same cause. */
const mostTold = 2;

/** How a deployment is. `nomad`: bound to its namespace. */
export function deploymentAnswer(
  { deployment, unhealthy, checks, canaries }: SeenDeployment,
  nomad: NomadClient,
): Answer {
  const now = nomad.now();
  const told = unhealthy.slice(0, mostTold).map((each) => `${called(each)} ${allocationVerdict(each, now).sentence}`);
  const { ID, JobID, JobVersion, Namespace } = deployment;
  const began = ago(fromNanoseconds(deployment.CreateTime) ?? now, now);
  return {
    headline: `deployment ${short(ID)} of ${JobID} version ${JobVersion} (namespace ${Namespace}) ${state(deployment, now)}, begun ${began}`,
    sections: [
      ...told.map((sentence, index) => `${index === 0 ? "Why: " : "     "}${sentence}`),
      ...checks.slice(0, mostTold).map((sentence) => `     ${sentence}`),
      canaries.length > 0 &&
        `Canaries: ${some(
          canaries.map((each) => `${called(each)} ${allocationVerdict(each, now).sentence}`),
          mostTold,
        )}`,
      `\n${groups(deployment, now)}`,
      isCumulative(deployment) && "(the counts are cumulative: what was replaced stays in them)",
    ],
    next: next(deployment, unhealthy.length > 0, nomad),
    data: {
      deployment_id: ID,
      job_id: JobID,
      namespace: Namespace,
      version: JobVersion,
      status: deployment.Status,
      groups: deployment.TaskGroups,
    },
  };
}

/** True where a reader could wonder about the counts. */
const isCumulative = ({ TaskGroups }: Deployment) =>
  Object.values(TaskGroups ?? {}).some(({ PlacedAllocs, DesiredTotal }) => PlacedAllocs > DesiredTotal);

/** What it does, or how it ended, and how much of it is healthy. */
function state(deployment: Deployment, now: number): string {
  const { unhealthy } = healthCounts(deployment);
  const counts = `${healthText(deployment)}${unhealthy > 0 ? `, ${unhealthy} unhealthy` : ""}`;
  const at = ago(fromNanoseconds(deployment.ModifyTime) ?? now, now);
  const held = heldClause(deployment, now);
  if (held !== undefined) return `${held}: ${counts}`;
  if (isActive(deployment) && waitsForPromotion(deployment)) {
    const wanted = unpromoted(deployment).reduce((total, [, group]) => total + group.DesiredCanaries, 0);
    return `waits for promotion: ${plural(wanted, "canary", "canaries")} healthy, ${counts}`;
  }
  switch (deployment.Status) {
    case "successful":
      return `succeeded ${at}: ${counts}`;
    case "failed":
    case "cancelled": {
      const verb = deployment.Status === "failed" ? "failed" : "was cancelled";
      return `${verb} ${at} (${quotedLine(statusReason(deployment), 120)}): ${counts}`;
    }
    default:
      return `is ${quotedLine(deployment.Status)}: ${counts}`;
  }
}

function groups(deployment: Deployment, now: number): string {
  const goesOn = isActive(deployment);
  const rows = groupsOf(deployment).map(([name, group]) => {
    const deadline = fromGoTime(group.RequireProgressBy);
    const canaries =
      group.DesiredCanaries > 0 ? `${group.PlacedCanaries?.length ?? 0} of ${group.DesiredCanaries}` : "";
    return [
      name,
      group.DesiredTotal,
      group.PlacedAllocs,
      group.HealthyAllocs,
      group.UnhealthyAllocs,
      canaries,
      group.DesiredCanaries > 0 ? (group.Promoted ? "yes" : "no") : "",
      goesOn && deadline !== undefined && deadline > now ? `in ${span(deadline - now)}` : "",
    ];
  });
  return table(["group", "wanted", "placed", "healthy", "unhealthy", "canaries", "promoted", "deadline"], rows);
}

/** Nothing where it went well: then the job is as it was asked for, or something newer is in its place. */
function next(deployment: Deployment, ill: boolean, nomad: NomadClient): string[] {
  const { JobID, Status } = deployment;
  const how = `${showStep(nomad, "job", JobID)} says how the job is`;
  const diagnosis = `${toolCall(nomad, "diagnose_job", { job_id: JobID })} says why, and what to do`;
  const why = ill || Status === "failed" ? ifOffered("diagnose_job", diagnosis, how) : how;
  if (Status === "successful") return [];
  const held = heldSteps(nomad, deployment);
  // Of one that waits for another region this answer is all that there is to see here.
  const decides = Status === "pending" ? [] : held;
  const promotes = held.length === 0 && isActive(deployment) && waitsForPromotion(deployment);
  const steps = promotes ? decideSteps(nomad, deployment, "promote") : decides;
  return steps.length > 0 ? steps : [why];
}
