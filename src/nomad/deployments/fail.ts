import { NomadError } from "../../api/errors/errors.ts";
import { explain } from "../../api/errors/explain.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../endpoints/allocations.ts";
import { type Deployment, deployments } from "../../endpoints/deployments.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { all, firstLine, lines, plural, short, some } from "../../text/words.ts";
import { called } from "../allocations/words.ts";
import { unchanged } from "../shared/exact-id.ts";
import { dashed, digitsOf } from "../shared/uuid.ts";
import type { Waiting } from "../shared/waiting.ts";
import { look, placeOf, readAgain, requireActive, sendOnce, toldWith } from "./change.ts";
import { groupsOf } from "./words.ts";

/** A deployment that is to be ended as failed. */
export interface Failure {
  readonly deployment: Deployment;
  /** Allocations of it that are marked as unhealthy, which is what fails it; none: it is failed as such. */
  readonly unhealthy: readonly AllocationStub[];
}

/** So many allocations are marked by one call. */
const mostMarked = 20;

/**
 * What a failure is about. `ids`: of allocations of the deployment, 8 or more characters of each.
 *
 * @throws Refusal where it has ended, or one of them is no allocation of it.
 */
export async function planFailure(
  nomad: NomadClient,
  deployment: Deployment,
  ids: readonly string[],
): Promise<Failure> {
  requireActive(nomad, deployment);
  if (ids.length === 0) return { deployment, unhealthy: [] };
  if (ids.length > mostMarked) throw new Refusal(`At most ${mostMarked} allocations are marked at once. ${unchanged}`);
  const begun = ids.map((id) => {
    const digits = digitsOf(id.trim()) ?? "";
    if (digits.length >= 8) return dashed(digits);
    throw new Refusal(
      `${JSON.stringify(id.slice(0, 40))} is not an allocation id of 8 or more characters. ${unchanged}`,
    );
  });
  const either = begun.map((digits) => `ID matches ${literal(`^${digits}`)}`).join(" or ");
  const filter = `DeploymentID == ${literal(deployment.ID)} and (${either})`;
  const { items } = await nomad.list(allocations.list, { filter, per_page: 2 * mostMarked, task_states: false });
  const unhealthy = begun.map((digits) => {
    const [only, ...others] = items.filter(({ ID }) => ID.startsWith(digits));
    if (only !== undefined && others.length === 0) return only;
    const fault = only === undefined ? "is no allocation" : "begins several allocations";
    throw new Refusal(`${digits} ${fault} of deployment ${short(deployment.ID)} of ${deployment.JobID}. ${unchanged}`);
  });
  return { deployment, unhealthy };
}

/** What a failure leads to, by what the job asks for: its groups that are rolled back. */
export function rollsBack({ deployment, unhealthy }: Failure): string {
  const groups = groupsOf(deployment).filter(([, { AutoRevert }]) => AutoRevert);
  const marked = unhealthy.map(({ TaskGroup }) => TaskGroup);
  const back = groups.filter(([name]) => marked.length === 0 || marked.includes(name)).map(([name]) => name);
  if (back.length > 0) return `the job is rolled back to its last stable version (auto_revert of ${some(back, 5)})`;
  return "nothing is rolled back: canaries are stopped, what was replaced stays replaced";
}

/**
 * Ends a deployment as failed, looks whether it is, and tells what becomes of the job.
 *
 * @throws Refusal where it goes on although Nomad took it.
 */
export async function fail(nomad: NomadClient, failure: Failure, waiting: Waiting): Promise<Answer> {
  const { deployment, unhealthy } = failure;
  const { ID: deployment_id, JobID } = deployment;
  const UnhealthyAllocationIDs = unhealthy.map(({ ID }) => ID);
  const write = () =>
    unhealthy.length === 0
      ? nomad.write(deployments.fail, { deployment_id })
      : nomad.write(deployments.setHealth, { deployment_id }, { DeploymentID: deployment_id, UnhealthyAllocationIDs });
  const acted = await sendOnce(nomad, deployment, write, (now) => `it is ${now.Status}`);
  const now = await readAgain(nomad, deployment);
  if (!(now instanceof NomadError) && now.Status !== "failed") {
    throw new Refusal(
      lines(
        `Nomad took the change, but the deployment of ${JobID} is ${now.Status}, not failed.`,
        `Next: ${look(nomad, deployment)} says how it is`,
      ),
    );
  }
  const back = acted.RevertedJobVersion === null ? "" : `, rolled back to version ${acted.RevertedJobVersion}`;
  const said = `${JobID} update failed on request (${placeOf(deployment)})${back}`;
  const notes = [
    unhealthy.length > 0 &&
      `Marked as unhealthy: ${plural(unhealthy.length, "allocation")}: ${all(unhealthy.map(called))}`,
    now instanceof NomadError && `How the deployment is now could not be read: ${firstLine(explain(now))}`,
  ];
  return await toldWith(nomad, deployment, { said, evaluationId: acted.EvalID, notes }, waiting);
}
