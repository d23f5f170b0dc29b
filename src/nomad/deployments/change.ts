import { NomadError } from "../../api/errors/errors.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { type Deployment, deployments } from "../../endpoints/deployments.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { type Answer, following } from "../../text/answer.ts";
import { lines, short } from "../../text/words.ts";
import { follow } from "../jobs/change/follow.ts";
import { unchanged } from "../shared/exact-id.ts";
import { showStep } from "../shared/next-step.ts";
import { sendOnce as once } from "../shared/send-once.ts";
import type { Waiting } from "../shared/waiting.ts";
import { isActive, stateWords } from "./words.ts";

/** "deployment ec2d7549 of version 1, namespace default" */
export function placeOf({ ID, JobVersion, Namespace }: Deployment): string {
  return `deployment ${short(ID)} of version ${JobVersion}, namespace ${Namespace}`;
}

/** @throws Refusal for a deployment that has ended: Nomad changes nothing about it. */
export function requireActive(nomad: NomadClient, deployment: Deployment): void {
  if (isActive(deployment)) return;
  const { ID, JobID, JobVersion } = deployment;
  throw new Refusal(
    lines(
      `Deployment ${short(ID)} of ${JobID} version ${JobVersion} has ended: it ${hasEnded(deployment, nomad.now())}. ${unchanged}`,
      `Next: ${showStep(nomad, "job", JobID)} says how the job is`,
    ),
  );
}

function hasEnded(deployment: Deployment, now: number): string {
  const words = stateWords(deployment, now);
  return deployment.Status === "cancelled" ? `was ${words}` : words;
}

/** How a deployment is looked at, as a step's clause. */
export function look(nomad: NomadClient, { ID }: Deployment): string {
  return showStep(nomad, "deployment", short(ID));
}

/** As {@link once}: `seen` says how the deployment is since, where the answer is lost. */
export async function sendOnce<T>(
  nomad: NomadClient,
  deployment: Deployment,
  write: () => Promise<T>,
  seen: (now: Deployment) => string,
): Promise<T> {
  const { ID } = deployment;
  const since = async () => seen(await nomad.get(deployments.get, { deployment_id: ID }));
  return await once(write, since, look(nomad, deployment));
}

/** The deployment as it is after a change, or why it could not be read. @throws NomadError where the call is cancelled. */
export async function readAgain(nomad: NomadClient, { ID }: Deployment): Promise<Deployment | NomadError> {
  try {
    return await nomad.get(deployments.get, { deployment_id: ID });
  } catch (error) {
    if (!(error instanceof NomadError) || error.kind === "cancelled") throw error;
    return error;
  }
}

/** What was done, and how the job is after it. `notes`: what is worth knowing beside that. */
export async function toldWith(
  nomad: NomadClient,
  deployment: Deployment,
  change: { readonly said: string; readonly evaluationId: string; readonly notes?: readonly (string | false)[] },
  waiting: Waiting,
): Promise<Answer> {
  const { said, evaluationId, notes = [] } = change;
  waiting.report(said);
  const followed = await follow(nomad, { jobId: deployment.JobID, evaluationId, ...waiting });
  return {
    ...following(`${said}; `, followed),
    sections: [...notes, ...(followed.sections ?? [])],
    data: { ...dataOf(deployment), evaluation_id: evaluationId, ...followed.data },
  };
}

/** What programs are told of the deployment of a change. */
export function dataOf({ ID, JobID, JobVersion, Namespace }: Deployment): Readonly<Record<string, unknown>> {
  return { deployment_id: ID, job_id: JobID, namespace: Namespace, version: JobVersion };
}
