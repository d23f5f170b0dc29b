import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { type Deployment, deployments } from "../../endpoints/deployments.ts";
import { jobs } from "../../endpoints/jobs.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { short } from "../../text/words.ts";
import { exactJob, readJob } from "../jobs/find.ts";
import { exactId, inItsNamespace, unchanged } from "../shared/exact-id.ts";
import { fullId } from "../shared/find-id.ts";
import { orOtherKind } from "../shared/other-kind.ts";
import { whyNone } from "./words.ts";

const nameOf = ({ JobID, JobVersion }: Deployment) => `${JobID} version ${JobVersion}`;

/** The full id of a deployment, from 8 or more characters of it. @throws Refusal as {@link fullId}. */
export async function deploymentId(nomad: NomadClient, given: string): Promise<string> {
  return await fullId(nomad, deployments, given, nameOf, true);
}

/**
 * The id of a job's newest deployment, and how the job was found where that is worth saying.
 *
 * @throws Refusal where there is no such job, or it has no deployment.
 */
export async function newestId(nomad: NomadClient, jobId: string): Promise<{ id: string; note?: string | undefined }> {
  const here = nomad.namespace === "*" ? undefined : await newestOf(nomad, jobId);
  if (here !== undefined) return { id: here.ID };
  const found = await readJob(nomad, jobId, async (place, id) => await place.get(jobs.get, { job_id: id }));
  const newest = await newestOf(found.nomad, found.id);
  if (newest === undefined) throw new Refusal(`${found.id} has no deployment: ${whyNone(found.value)}.`);
  return { id: newest.ID, note: found.note };
}

/** A job's newest deployment; undefined where it has none. `nomad`: bound to the namespace of the job. */
async function newestOf(nomad: NomadClient, jobId: string): Promise<Deployment | undefined> {
  const query = { filter: `JobID == ${literal(jobId)}`, reverse: true, per_page: 1 };
  return (await nomad.list(deployments.list, query)).items[0];
}

/** How a call names a deployment: by its id, or by the job whose newest one it is. */
export interface NamedDeployment {
  readonly deployment_id?: string | undefined;
  readonly job_id?: string | undefined;
  readonly namespace?: string | undefined;
}

/** A deployment that is to be changed, as it is now, and the client in its namespace. */
export interface ExactDeployment {
  readonly nomad: NomadClient;
  readonly deployment: Deployment;
}

/**
 * The deployment that a write is about.
 *
 * @throws Refusal where it is not exactly one, so that nothing is changed by a guess.
 */
export async function exactDeployment(nomad: NomadClient, named: NamedDeployment): Promise<ExactDeployment> {
  const { deployment_id, job_id, namespace } = named;
  if (deployment_id !== undefined) {
    const id = await exactId(nomad, deployments, deployment_id, nameOf);
    const deployment = await orOtherKind(nomad, id, "deployment", nomad.get(deployments.get, { deployment_id: id }));
    const what = `Deployment ${short(id)} of ${deployment.JobID}`;
    if (job_id !== undefined && job_id !== deployment.JobID)
      throw new Refusal(`${what} is none of ${job_id}. ${unchanged}`);
    return { nomad: inItsNamespace(nomad, what, deployment.Namespace, namespace), deployment };
  }
  if (job_id === undefined) {
    throw new Refusal(
      `Give a deployment_id, or a job_id for its newest deployment (list_deployments shows what rolls out). ${unchanged}`,
    );
  }
  const found = await exactJob(nomad, job_id);
  const deployment = await newestOf(found.nomad, found.id);
  if (deployment === undefined) throw new Refusal(`${found.id} has no deployment. ${unchanged}`);
  return { nomad: found.nomad, deployment };
}
