import { literal } from "../../api/request/path.ts";
import { type Deployment, deployments } from "../../endpoints/deployments.ts";
import type { Job } from "../../endpoints/job.ts";
import { jobs } from "../../endpoints/jobs.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { readJob } from "../jobs/find.ts";
import { activeStatuses, waitsForPerson } from "./words.ts";

/** Deployments of the client's namespace: those that go on, or all of one job. */
export interface ListedDeployments {
  /** Those that wait for a person first, then the newest. */
  readonly rows: readonly Deployment[];
  /** Nomad's token of the next page. */
  readonly next: string | undefined;
  /** Where none goes on: the newest that ended. */
  readonly ended: readonly Deployment[];
  /** The client bound to the namespace in which the job was found. */
  readonly nomad: NomadClient;
  /** The job, where it was asked about and has none. */
  readonly job?: Job;
  /** How the job was found, where that is worth saying. */
  readonly note?: string | undefined;
}

/** What is asked for. */
interface Asked {
  readonly job_id?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** So many ended ones are told where none goes on; a deployment has 1 KB. */
const mostEnded = 3;

/**
 * One request, of about 1 KB a row, however large the cluster is; a second one where nothing goes on. A job that has no
 * deployment is looked for with two to five more.
 */
export async function listDeployments(nomad: NomadClient, asked: Asked): Promise<ListedDeployments> {
  const { job_id, limit, cursor } = asked;
  if (job_id !== undefined) return await ofJob(nomad, job_id, asked);
  const filter = activeStatuses.map((status) => `Status == ${literal(status)}`).join(" or ");
  const page = await nomad.list(deployments.list, { filter, reverse: true, per_page: limit, next_token: cursor });
  const newest = async () => (await nomad.list(deployments.list, { reverse: true, per_page: mostEnded })).items;
  const ended = page.items.length === 0 && cursor === undefined ? await newest() : [];
  return { rows: inOrder(page.items), next: page.next, ended, nomad };
}

async function ofJob(nomad: NomadClient, jobId: string, { limit, cursor }: Asked): Promise<ListedDeployments> {
  const read = async (place: NomadClient, id: string) =>
    await place.list(deployments.list, {
      ...{ filter: `JobID == ${literal(id)}`, reverse: true, per_page: limit, next_token: cursor },
    });
  const { items, next } = await read(nomad, jobId);
  if (items.length > 0 || cursor !== undefined) return { rows: inOrder(items), next, ended: [], nomad };
  const found = await readJob(nomad, jobId, async (place, id) => await place.get(jobs.get, { job_id: id }));
  const { nomad: place, id, note, value: job } = found;
  const page = id === jobId && place.namespace === nomad.namespace ? { items, next } : await read(place, id);
  return { rows: inOrder(page.items), next: page.next, ended: [], nomad: place, job, note };
}

const inOrder = (found: readonly Deployment[]) =>
  found.toSorted((one, other) => Number(waitsForPerson(other)) - Number(waitsForPerson(one)));
