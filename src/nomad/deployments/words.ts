import type { Deployment } from "../../endpoints/deployments.ts";
import type { Job } from "../../endpoints/job.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { ago, fromGoTime, fromNanoseconds, span } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { all, short } from "../../text/words.ts";
import { command, showStep, toolOrCommand } from "../shared/next-step.ts";

/** The statuses in which a deployment goes on, or waits to go on (structs.Deployment, Active). */
export const activeStatuses: readonly Deployment["Status"][] = [
  ...(["initializing", "pending", "running", "paused", "blocked", "unblocking"] as const),
];

/** True while a deployment goes on. */
export function isActive({ Status }: Deployment): boolean {
  return activeStatuses.includes(Status);
}

/** The version that a failed deployment is rolled back to, from its description; undefined where it is not. */
export function rolledBackTo(deployment: Deployment | undefined): number | undefined {
  const found = /rolling back to job version (\d+)/.exec(deployment?.StatusDescription ?? "");
  return deployment?.Status === "failed" && found ? Number(found[1]) : undefined;
}

/** Why it is in its status, as a clause: "progress deadline" of "Failed due to progress deadline". */
export function statusReason({ StatusDescription }: Deployment): string {
  return StatusDescription.replace(/^(Failed|Cancelled) due to /, "").replace(/^Deployment /, "");
}

/** How many of its allocations are healthy, over all its groups; what was replaced stays in these counts. */
export function healthCounts({ TaskGroups }: Deployment) {
  const groups = Object.values(TaskGroups ?? {});
  const sum = (count: (group: (typeof groups)[number]) => number) =>
    groups.reduce((total, each) => total + count(each), 0);
  return {
    healthy: sum((group) => group.HealthyAllocs),
    wanted: sum((group) => group.DesiredTotal),
    unhealthy: sum((group) => group.UnhealthyAllocs),
  };
}

/** "2 of 3 healthy" */
export function healthText(deployment: Deployment): string {
  const { healthy, wanted } = healthCounts(deployment);
  return `${healthy} of ${wanted} healthy`;
}

/** Its groups by name: Nomad tells of them in any order. */
export function groupsOf({ TaskGroups }: Deployment): [name: string, group: GroupState][] {
  return Object.entries(TaskGroups ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** The groups that have canaries which are not promoted. */
export function unpromoted(deployment: Deployment): [name: string, group: GroupState][] {
  return groupsOf(deployment).filter(([, group]) => group.DesiredCanaries > 0 && !group.Promoted);
}

type GroupState = NonNullable<Deployment["TaskGroups"]>[string];

/** True where all canaries are healthy by its own counts, and a person has to promote some of them. */
export function waitsForPromotion(deployment: Deployment): boolean {
  const groups = unpromoted(deployment).map(([, group]) => group);
  const ready = groups.every((group) => group.HealthyAllocs >= group.DesiredCanaries);
  return groups.length > 0 && ready && groups.some(({ AutoPromote }) => !AutoPromote);
}

/** What a person who has to decide about a deployment can do, each a step: let it go on, or end it. */
export function decideSteps(nomad: NomadClient, deployment: Deployment, goOn: "promote" | "resume"): string[] {
  const onward = goOn === "promote" ? promoteStep(nomad, deployment) : resumeStep(nomad, deployment);
  return [onward, failStep(nomad, deployment)];
}

/** The steps at a deployment that only a person takes: the call, else the `nomad` command. */
export function promoteStep(nomad: NomadClient, { ID }: Deployment): string {
  return toolOrCommand(nomad, ["promote_deployment", { deployment_id: short(ID) }], ["deployment promote", short(ID)]);
}
export function resumeStep(nomad: NomadClient, { ID }: Deployment): string {
  const call = ["pause_deployment", { deployment_id: short(ID), resume: true }] as const;
  return toolOrCommand(nomad, call, ["deployment resume", short(ID)]);
}
function failStep(nomad: NomadClient, { ID }: Deployment): string {
  return toolOrCommand(nomad, ["fail_deployment", { deployment_id: short(ID) }], ["deployment fail", short(ID)]);
}

/** Its state in a few words, as lists say it: "waits for promotion of web". `now`: ms, the server's clock. */
export function stateWords(deployment: Deployment, now: number): string {
  const { Status, ModifyTime } = deployment;
  const at = ago(fromNanoseconds(ModifyTime) ?? now, now);
  switch (Status) {
    case "paused":
      return `paused ${at}`;
    case "pending":
    case "blocked":
      return heldClause(deployment, now) ?? Status;
    case "successful":
      return `succeeded ${at}`;
    case "failed":
    case "cancelled":
      return `${Status} ${at} (${quotedLine(statusReason(deployment), 80)})`;
  }
  if (!isActive(deployment)) return quotedLine(Status);
  const tried = unpromoted(deployment);
  const names = all(tried.map(([name]) => name));
  if (waitsForPromotion(deployment)) return `waits for promotion of ${names}`;
  const doing = tried.length > 0 ? `tries canaries of ${names}` : "goes on";
  const due = Object.values(deployment.TaskGroups ?? {}).flatMap((group) => fromGoTime(group.RequireProgressBy) ?? []);
  const deadline = Math.min(...due.filter((each) => each > now));
  return Number.isFinite(deadline) ? `${doing}, deadline in ${span(deadline - now)}` : doing;
}

/** True for one that stands still until a person does something here. */
export function waitsForPerson(deployment: Deployment): boolean {
  return deployment.Status === "paused" || (isActive(deployment) && waitsForPromotion(deployment));
}

/**
 * What a deployment waits for that does not go on by itself, as a clause behind its name; undefined for one that does.
 * Promotion is beside it: the counts of a deployment lag behind its allocations. `now`: ms, the server's clock.
 */
export function heldClause({ Status, ModifyTime }: Deployment, now: number): string | undefined {
  switch (Status) {
    case "paused":
      return `was paused ${ago(fromNanoseconds(ModifyTime) ?? now, now)} and goes on only when it is resumed`;
    // Of a job in several regions: the others go first, or have failed.
    case "pending":
      return "waits for another region";
    case "blocked":
      return "is done here and waits for the other regions";
    default:
      return undefined;
  }
}

/** What to do about one that {@link heldClause} tells of. */
export function heldSteps(nomad: NomadClient, deployment: Deployment): string[] {
  const id = short(deployment.ID);
  switch (deployment.Status) {
    case "paused":
      return decideSteps(nomad, deployment, "resume");
    case "pending":
      return [showStep(nomad, "deployment", id)];
    case "blocked":
      return [`${command(nomad, "deployment unblock", id)} if one of them is not coming back`];
    default:
      return [];
  }
}

/** Why there is no deployment of a job, as a clause. */
export function whyNone({ Type }: Job): string {
  if (Type === "batch" || Type === "sysbatch") return `a ${Type} job has none`;
  return "its update block asks for none, or Nomad has forgotten it";
}
