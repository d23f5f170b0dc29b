import type { Deployment } from "../../api/types.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { age, fromNanoseconds } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { short } from "../../text/words.ts";
import { isActive } from "../health/deployment.ts";
import { command } from "../next-step.ts";
import { given } from "../parts.ts";
import { gather } from "./gather.ts";
import type { Jobs } from "./jobs-seen.ts";
import type { Look } from "./look.ts";
import type { Problem } from "./problem.ts";

/** A deployment that has gone on for this long, in ms, and waits for nobody, is stuck. */
const longDeployment = 30 * 60_000;

/** Jobs that wait for a place, those together that lack the same. */
export function placingProblems(jobs: Jobs): Problem[] {
  const open = [...jobs.short].filter((key) => !jobs.isTold(key));
  return jobs.lacksOf(open).map(([lack, keys]): Problem => {
    for (const key of keys) jobs.tell(key);
    return {
      rank: "not placed",
      sentence: `not placed, ${lack}`,
      jobs: keys.toSorted().map(jobs.affected),
    };
  });
}

/** Deployments that wait for a person, that failed, or that do not end; of jobs that have no line for a worse reason. */
export function deploymentProblems(look: Look, jobs: Jobs): Problem[] {
  const newest = new Map<string, Deployment>();
  for (const deployment of given(look.deployments)?.items ?? []) {
    const key = jobs.keyOf(deployment);
    if (key !== undefined && !newest.has(key)) newest.set(key, deployment);
  }
  const found = [...newest].flatMap(([key, deployment]) => {
    if (jobs.isTold(key) || !isCurrent(key, deployment, jobs)) return [];
    const state = stateOf(deployment, jobs.now);
    return state === undefined ? [] : [{ key, deployment, state }];
  });
  return [...gather(found, ({ state }) => state)].map(([state, group]): Problem => {
    const [first] = group;
    const since = (at: number | undefined) => (at === undefined ? "" : ` since ${age(at, jobs.now)}`);
    const affected = group.map(({ key, deployment }) => ({
      ...jobs.affected(key),
      note: `version ${deployment.JobVersion}${since(fromNanoseconds(deployment.CreateTime))}`,
    }));
    const next = state === promotion && first ? promote(look.nomad, first.deployment) : undefined;
    return { rank: "update", sentence: state, jobs: affected, ...(next && { next }) };
  });
}

const promote = (nomad: NomadClient, { ID, Namespace }: Deployment) =>
  command(nomad.in(Namespace), "deployment promote", short(ID));

const promotion = "canaries are healthy and wait for promotion";

/** A failed deployment counts while its version is the job's: the list leaves out those that succeeded since. */
function isCurrent(key: string, deployment: Deployment, jobs: Jobs): boolean {
  const job = jobs.rows.get(key)?.job;
  if (deployment.Status !== "failed" || job === undefined) return isActive(deployment);
  return deployment.JobSpecModifyIndex === job.JobModifyIndex && deployment.JobCreateIndex === job.CreateIndex;
}

function stateOf(deployment: Deployment, now: number): string | undefined {
  if (deployment.Status === "failed") return `the deployment failed (${reason(deployment)})`;
  if (deployment.Status === "paused") return "the deployment is paused";
  const waiting = Object.values(deployment.TaskGroups ?? {}).filter(
    (group) => group.DesiredCanaries > 0 && !group.Promoted,
  );
  const ready = waiting.every((group) => group.HealthyAllocs >= group.DesiredCanaries);
  if (waiting.length > 0 && ready && waiting.some(({ AutoPromote }) => !AutoPromote)) return promotion;
  const began = fromNanoseconds(deployment.CreateTime) ?? now;
  return now - began > longDeployment ? `the deployment does not end (${reason(deployment)})` : undefined;
}

const reason = ({ StatusDescription }: Deployment) =>
  quotedLine(StatusDescription.replace(/^Failed due to /, "").replace(/^Deployment /, ""), 120);
