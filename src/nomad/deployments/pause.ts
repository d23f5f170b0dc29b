import { NomadError } from "../../api/errors/errors.ts";
import { explain } from "../../api/errors/explain.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { type Deployment, deployments } from "../../endpoints/deployments.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { type Answer, answer } from "../../text/answer.ts";
import { firstLine, short } from "../../text/words.ts";
import { unchanged } from "../shared/exact-id.ts";
import type { Waiting } from "../shared/waiting.ts";
import { dataOf, look, placeOf, readAgain, requireActive, sendOnce, toldWith } from "./change.ts";
import { decideSteps, healthText } from "./words.ts";

/**
 * Pauses a deployment, so that nothing more of it is placed or replaced, or has it go on and tells how that ends.
 *
 * @throws Refusal where it has ended, waits for other regions, or is not so afterwards.
 */
export async function pause(
  nomad: NomadClient,
  deployment: Deployment,
  resume: boolean,
  waiting: Waiting,
): Promise<Answer> {
  requireActive(nomad, deployment);
  const { ID: deployment_id, JobID, Status } = deployment;
  if (Status === "pending" || Status === "blocked" || Status === "unblocking") {
    throw new Refusal(
      `Deployment ${short(deployment_id)} of ${JobID} is ${Status}: it waits for other regions, and cannot be paused or resumed. ${unchanged}`,
    );
  }
  const paused = Status === "paused";
  if (paused !== resume) {
    const state = paused ? "paused already" : "not paused";
    return told(nomad, deployment, `${JobID} is ${state} (${placeOf(deployment)}). ${unchanged}`);
  }
  const write = () =>
    nomad.write(deployments.pause, { deployment_id }, { DeploymentID: deployment_id, Pause: !resume });
  const { EvalID } = await sendOnce(nomad, deployment, write, (now) => `it is ${now.Status}`);
  const said = `${JobID} ${resume ? "resumed" : "paused"} (${placeOf(deployment)})`;
  const now = await readAgain(nomad, deployment);
  if (now instanceof NomadError) {
    const why = `How it is now could not be read: ${firstLine(explain(now))}`;
    return {
      ...answer(`Nomad took the change: ${said}`, why),
      next: [look(nomad, deployment)],
      data: dataOf(deployment),
    };
  }
  if ((now.Status === "paused") === resume) {
    throw new Refusal(
      `Nomad took the change, but the deployment is ${now.Status}: somebody else has changed it since.`,
    );
  }
  if (resume) return await toldWith(nomad, now, { said, evaluationId: EvalID }, waiting);
  return told(nomad, now, `${said}: nothing more of it is placed until it is resumed; ${healthText(now)}`);
}

function told(nomad: NomadClient, deployment: Deployment, headline: string): Answer {
  const next = deployment.Status === "paused" ? decideSteps(nomad, deployment, "resume") : [];
  return { headline, next, data: { ...dataOf(deployment), status: deployment.Status } };
}
