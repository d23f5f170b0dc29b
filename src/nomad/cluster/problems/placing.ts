import type { Deployment } from "../../../endpoints/deployments.ts";
import { gather } from "../../../text/gather.ts";
import { age, fromNanoseconds } from "../../../text/time.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { decideSteps, healthText, isActive, statusReason, waitsForPromotion } from "../../deployments/words.ts";
import { given } from "../../shared/parts.ts";
import type { Jobs } from "./jobs-seen.ts";
import type { JobsLook } from "./look.ts";
import type { Problem } from "./problem.ts";

/** A deployment that has gone on for this long, in ms, and waits for nobody, is stuck. */
const longDeployment = 30 * 60_000;

/** Jobs that wait for a place, those together that lack the same; apart from them those of which nothing ever ran. */
export function placingProblems(jobs: Jobs): Problem[] {
  const open = jobs.short.filter((key) => !jobs.isTold(key));
  const kinds = gather(open, (key) => {
    if (jobs.neverRan(key)) return "never ran";
    return jobs.affected(key).idle ? "down" : "not placed";
  });
  return [...kinds].flatMap(([rank, ofKind]) =>
    jobs.lacksOf(ofKind).map(([lack, keys]): Problem => {
      for (const key of keys) jobs.tell(key);
      return {
        rank: rank === "never ran" || rank === "down" ? rank : "not placed",
        sentence: `${rank === "never ran" ? "never placed" : rank === "down" ? "down, not placed" : "not placed"}, ${lack}`,
        jobs: keys.toSorted().map(jobs.affected),
      };
    }),
  );
}

/** Deployments that wait for a person, that failed, or that do not end; of jobs that have no line for a worse reason. */
export function deploymentProblems(look: JobsLook, jobs: Jobs): Problem[] {
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
  // That two deployments failed alike says nothing of a cause: only what waits for a person is told together.
  const together = gather(found, ({ key, state }) => (waitsForPerson.includes(state) ? state : `${state}\n${key}`));
  return [...together.values()].flatMap((group): Problem[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { state } = first;
    const since = (at: number | undefined) => (at === undefined ? "" : ` since ${age(at, jobs.now)}`);
    const affected = group.map(({ key, deployment }) => ({
      ...jobs.affected(key),
      note: `version ${deployment.JobVersion}${since(fromNanoseconds(deployment.CreateTime))}`,
    }));
    const { deployment } = first;
    const [next] = state === promotion ? decideSteps(look.nomad.in(deployment.Namespace), deployment, "promote") : [];
    return [{ rank: "update", sentence: state, jobs: affected, ...(next && { next }) }];
  });
}

const promotion = "canaries are healthy and wait for promotion";
const paused = "the deployment is paused";
const waitsForPerson = [promotion, paused];

/** A failed deployment counts while its version is the job's: the list leaves out those that succeeded since. */
function isCurrent(key: string, deployment: Deployment, jobs: Jobs): boolean {
  const job = jobs.rows.get(key)?.job;
  if (deployment.Status !== "failed" || job === undefined) return isActive(deployment);
  return deployment.JobSpecModifyIndex === job.JobModifyIndex && deployment.JobCreateIndex === job.CreateIndex;
}

function stateOf(deployment: Deployment, now: number): string | undefined {
  if (deployment.Status === "failed") return `the deployment failed (${reason(deployment)}), ${healthText(deployment)}`;
  if (deployment.Status === "paused") return paused;
  if (waitsForPromotion(deployment)) return promotion;
  const began = fromNanoseconds(deployment.CreateTime) ?? now;
  return now - began > longDeployment ? `the deployment does not end (${reason(deployment)})` : undefined;
}

const reason = (deployment: Deployment) => quotedLine(statusReason(deployment), 120);
