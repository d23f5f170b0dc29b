import { NomadError } from "../../api/errors/errors.ts";
import { explain } from "../../api/errors/explain.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { type Deployment, deployments } from "../../endpoints/deployments.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { type Answer, answer, following } from "../../text/answer.ts";
import { all, firstLine, lines, plural, short, some } from "../../text/words.ts";
import { inTime, lookTime } from "../jobs/change/follow.ts";
import { judge } from "../jobs/health/health.ts";
import { readJobState } from "../jobs/health/job-state.ts";
import { verdictAnswer } from "../jobs/health/verdict.ts";
import { changes } from "../shared/changes.ts";
import { unchanged } from "../shared/exact-id.ts";
import type { Waiting } from "../shared/waiting.ts";
import { dataOf, look, placeOf, readAgain, requireActive, sendOnce, toldWith } from "./change.ts";
import { groupsOf, isActive, promoteStep, resumeStep, unpromoted } from "./words.ts";

/** The canaries that are to be promoted. */
export interface Promotion {
  readonly deployment: Deployment;
  /** Names of the groups: each has canaries that are not promoted. Empty where those that were asked for are. */
  readonly groups: readonly string[];
  /** Those that were asked for and are promoted already. */
  readonly already: readonly string[];
}

/**
 * Which canaries a promotion is about: those of the groups that are named, else all that are not promoted. Nomad itself
 * promotes a group that there is not with success, and without effect.
 *
 * @throws Refusal where the deployment has ended, has no such group, or a group has no canaries.
 */
export function planPromotion(
  nomad: NomadClient,
  deployment: Deployment,
  names: readonly string[] | undefined,
): Promotion {
  requireActive(nomad, deployment);
  const { ID, JobID } = deployment;
  const groups = groupsOf(deployment);
  const tried = groups.filter(([, group]) => group.DesiredCanaries > 0).map(([name]) => name);
  const what = `Deployment ${short(ID)} of ${JobID}`;
  if (tried.length === 0) throw new Refusal(`${what} has no canaries, so there is nothing to promote. ${unchanged}`);
  const asked = names === undefined || names.length === 0 ? tried : [...new Set(names)];
  const unknown = asked.filter((name) => !groups.some(([each]) => each === name));
  if (unknown.length > 0) {
    const known = some(
      groups.map(([name]) => name),
      12,
    );
    throw new Refusal(`${what} has no group ${all(unknown, "or")}: it has ${known}. ${unchanged}`);
  }
  const plain = asked.filter((name) => !tried.includes(name));
  if (plain.length > 0) {
    const which = `${plain.length === 1 ? "group" : "groups"} ${all(plain)}`;
    throw new Refusal(`${what} has no canaries in ${which}, only in ${some(tried, 12)}. ${unchanged}`);
  }
  const open = unpromoted(deployment).map(([name]) => name);
  return {
    deployment,
    groups: asked.filter((name) => open.includes(name)),
    already: asked.filter((name) => !open.includes(name)),
  };
}

/** "group web", "groups web and worker" */
export function groupsText(names: readonly string[]): string {
  return `${names.length === 1 ? "group" : "groups"} ${all(names)}`;
}

/**
 * Promotes canaries, looks whether they are, and tells what becomes of the rest of their groups.
 *
 * @throws Refusal where they are not healthy, or not promoted although Nomad took it.
 */
export async function promote(nomad: NomadClient, planned: Promotion, waiting: Waiting): Promise<Answer> {
  const { deployment, groups, already } = planned;
  const { ID, JobID } = deployment;
  if (groups.length === 0) {
    const said = `${groupsText(already)} of ${JobID} ${already.length === 1 ? "is" : "are"} promoted already (${placeOf(deployment)}). ${unchanged}`;
    return { ...answer(said, left(deployment)), next: leftSteps(nomad, deployment), data: data(deployment) };
  }
  const EvalID = await send(nomad, deployment, groups);
  const said = `${groupsText(groups)} of ${JobID} promoted (${placeOf(deployment)})`;
  const now = await readAgain(nomad, deployment);
  if (now instanceof NomadError) {
    const why = `Whether the canaries are promoted could not be read: ${firstLine(explain(now))}`;
    return await toldWith(nomad, deployment, { said, evaluationId: EvalID, notes: [why] }, waiting);
  }
  const missed = groups.filter((name) => !now.TaskGroups?.[name]?.Promoted);
  if (missed.length > 0) {
    throw new Refusal(
      lines(
        `Nomad took the promotion of deployment ${short(ID)} of ${JobID}, but ${groupsText(missed)} ${missed.length === 1 ? "is" : "are"} not promoted.`,
        `Next: ${look(nomad, deployment)} says how it is`,
      ),
    );
  }
  const change = { said, evaluationId: EvalID, notes: [left(now)] };
  if (now.Status === "paused") {
    const held = `${said}; the deployment is paused, so that nothing follows until it is resumed`;
    return { ...answer(held, left(now)), next: [resumeStep(nomad, now), ...leftSteps(nomad, now)], data: data(now) };
  }
  // What waits for another promotion is an outcome at once: here these groups are, which go on.
  const told =
    unpromoted(now).length > 0
      ? await followGroups(nomad, now, groups, said, waiting)
      : await toldWith(nomad, now, change, waiting);
  return { ...told, data: { ...told.data, ...data(now) } };
}

async function send(nomad: NomadClient, deployment: Deployment, groups: readonly string[]): Promise<string> {
  const { ID: deployment_id, JobID } = deployment;
  const body = { DeploymentID: deployment_id, Groups: groups };
  const seen = (now: Deployment) => {
    const open = unpromoted(now).map(([name]) => name);
    return groups.map((name) => `group ${name} is ${open.includes(name) ? "not promoted" : "promoted"}`).join(", ");
  };
  try {
    const write = () => nomad.write(deployments.promote, { deployment_id }, body);
    return (await sendOnce(nomad, deployment, write, seen)).EvalID;
  } catch (error) {
    if (!(error instanceof NomadError) || !error.reply.includes("healthy allocations")) throw error;
    const ill = [...error.reply.matchAll(/Task group "(.+?)" has (\d+)\/(\d+) healthy/g)].map(
      ([, name, healthy, wanted]) => `${healthy} of ${plural(Number(wanted), "canary", "canaries")} of group ${name}`,
    );
    throw new Refusal(
      lines(
        `${JobID} was not promoted: ${all(ill) || "not all canaries"} healthy. ${unchanged}`,
        `Next: ${look(nomad, deployment)} says what keeps the others, and by when`,
      ),
    );
  }
}

/** Waits until the promoted groups are as the deployment wants them, and tells how the job is then. */
async function followGroups(
  nomad: NomadClient,
  deployment: Deployment,
  groups: readonly string[],
  said: string,
  { until, report }: Waiting,
): Promise<Answer> {
  const { ID, JobID } = deployment;
  const counts = (now: Deployment) =>
    groups.map((name) => {
      const { HealthyAllocs = 0, DesiredTotal = 0 } = now.TaskGroups?.[name] ?? {};
      return { name, healthy: Math.min(HealthyAllocs, DesiredTotal), wanted: DesiredTotal };
    });
  const text = (now: Deployment) =>
    counts(now)
      .map(({ name, healthy, wanted }) => `${name} ${healthy} of ${wanted} healthy`)
      .join(", ");
  report(said);
  const next = changes(nomad, deployments.get, { deployment_id: ID }, until - lookTime);
  let seen = deployment;
  const goesOn = (now: Deployment) =>
    isActive(now) && now.Status !== "paused" && counts(now).some(({ healthy, wanted }) => healthy < wanted);
  const followed = await inTime(nomad, until, async (limited) => {
    for (let now = await next(); now !== undefined && goesOn(now); now = await next()) {
      seen = now;
      report(text(now));
    }
    seen = await limited.get(deployments.get, { deployment_id: ID });
    return verdictAnswer(await judge(await readJobState(limited, JobID)));
  });
  const begun = `${said}; ${goesOn(seen) ? "still " : ""}${text(seen)}`;
  const more = leftSteps(nomad, seen);
  if ("fault" in followed) {
    return { ...answer(begun, left(seen), followed.fault), next: [look(nomad, seen), ...more] };
  }
  const rest = following(`${begun}; `, followed.value);
  const steps = [...new Set([...(rest.next ?? []), ...more])];
  return { ...rest, sections: [left(seen), ...(rest.sections ?? [])], next: steps };
}

/** What is not promoted yet; empty where all is. */
function left(deployment: Deployment): string {
  const open = unpromoted(deployment).map(
    ([name, { HealthyAllocs, DesiredCanaries }]) =>
      `${name} (${Math.min(HealthyAllocs, DesiredCanaries)} of ${plural(DesiredCanaries, "canary", "canaries")} healthy)`,
  );
  return open.length > 0 ? `Not promoted: ${some(open, 12)}` : "";
}

const leftSteps = (nomad: NomadClient, deployment: Deployment) =>
  unpromoted(deployment).length > 0 ? [promoteStep(nomad, deployment)] : [];

function data(deployment: Deployment): Readonly<Record<string, unknown>> {
  const groups = groupsOf(deployment);
  const named = (is: boolean) =>
    groups.filter(([, group]) => group.DesiredCanaries > 0 && group.Promoted === is).map(([name]) => name);
  return { ...dataOf(deployment), promoted: named(true), not_promoted: named(false) };
}
