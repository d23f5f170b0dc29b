import { NomadError } from "../../api/errors/errors.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { type JobStub, jobs } from "../../endpoints/jobs.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { plural, some } from "../../text/words.ts";
import { unknownJob } from "./unknown-job.ts";

/** A job that was found: the client bound to its namespace, its exact id, and how it was found where that is worth saying. */
export interface FoundJob {
  readonly nomad: NomadClient;
  readonly id: string;
  readonly note?: string;
}

/** What was read of a job, and where it was. */
export interface Located<T> extends FoundJob {
  readonly value: T;
}

/**
 * Reads a job where it is: the exact id in the client's namespace at once; where Nomad does not have it there, the same
 * id in another namespace, a job of this name, or one that the text is a unique prefix of, and says so in `note`.
 *
 * @throws Refusal with the candidates or the nearest names.
 */
export async function readJob<T>(
  nomad: NomadClient,
  jobId: string,
  read: (nomad: NomadClient, id: string) => Promise<T>,
): Promise<Located<T>> {
  if (nomad.namespace !== "*") {
    try {
      return { value: await read(nomad, jobId), nomad, id: jobId };
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  const found = await searchJob(nomad, jobId);
  return { ...found, value: await read(found.nomad, found.id) };
}

/**
 * The job that a write is about: the exact id, in exactly the namespace that the client is bound to; with `*`, wherever
 * it is, if that is one place.
 *
 * @throws Refusal that names the candidates, so that nothing is changed by a guess.
 */
export async function exactJob(nomad: NomadClient, jobId: string): Promise<FoundJob> {
  const candidates = await called(nomad, jobId);
  const here = candidates.filter(({ ID, Namespace }) => ID === jobId && Namespace === nomad.namespace);
  const [only, ...others] = nomad.namespace === "*" ? candidates.filter(({ ID }) => ID === jobId) : here;
  if (only !== undefined && others.length === 0) return { nomad: nomad.in(only.Namespace), id: only.ID };
  const [first] = candidates;
  if (first !== undefined && first.ID !== jobId) {
    const ids = candidates.map(({ ID, Namespace }) => placed(nomad, ID, Namespace));
    throw new Refusal(
      `There is no job of the id ${jobId}, which is the name of ${plural(ids.length, "job")}: ${some(ids, 8)}. Name it by its id. Nothing was changed.`,
    );
  }
  if (candidates.length > 0) {
    const places = candidates.map(({ Namespace }) => Namespace);
    const where = nomad.namespace === "*" ? "" : ` not in namespace ${nomad.namespace}, but`;
    throw new Refusal(
      `Job ${jobId} is${where} in ${plural(places.length, "namespace")}: ${some(places, 8)}. Name it with namespace=. Nothing was changed.`,
    );
  }
  throw await unknownJob(nomad, jobId, "Nothing was changed.");
}

/** True where Nomad says that there is no such object. */
function isMissing(error: unknown): boolean {
  return error instanceof NomadError && error.kind === "not_found";
}

/** What may not be there: undefined where Nomad says so. */
export async function orMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function searchJob(nomad: NomadClient, jobId: string): Promise<FoundJob> {
  const everywhere = await called(nomad, jobId);
  // Of a name, what is in the namespace that was asked goes before what is elsewhere.
  const here = everywhere.filter(({ Namespace }) => Namespace === nomad.namespace);
  const candidates = here.length > 0 ? here : everywhere;
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) return foundAs(nomad, jobId, only);
  if (only !== undefined && only.ID !== jobId) {
    const ids = candidates.map(({ ID, Namespace }) => placed(nomad, ID, Namespace));
    throw new Refusal(`${plural(ids.length, "job")} have the name ${jobId}: ${some(ids, 8)}. Name one by its id.`);
  }
  if (only !== undefined) {
    const places = candidates.map(({ Namespace }) => Namespace);
    throw new Refusal(
      `Job ${jobId} is in ${plural(places.length, "namespace")}: ${some(places, 8)}. Say which with namespace=.`,
    );
  }
  const { items } = await nomad.list(jobs.list, { prefix: jobId, per_page: 2, filter: 'ParentID == ""' });
  const [begun, another] = items;
  if (begun !== undefined && another === undefined) {
    return {
      nomad: nomad.in(begun.Namespace),
      id: begun.ID,
      note: `(${jobId} taken as ${begun.ID}, the only job that begins so)`,
    };
  }
  throw await unknownJob(nomad, jobId);
}

function foundAs(nomad: NomadClient, jobId: string, { ID, Namespace }: JobStub): FoundJob {
  const home = Namespace === nomad.namespace || nomad.namespace === "*";
  const note =
    ID !== jobId
      ? `(${jobId} is the name of job ${placed(nomad, ID, Namespace)})`
      : home
        ? undefined
        : `(${jobId} is in namespace ${Namespace}, not in ${nomad.namespace})`;
  return { nomad: nomad.in(Namespace), id: ID, ...(note && { note }) };
}

const placed = (nomad: NomadClient, id: string, namespace: string) =>
  namespace === nomad.namespace ? id : `${id} (namespace ${namespace})`;

/** Jobs of exactly this id in every namespace that the token can see; where there are none, those of this name. */
async function called(nomad: NomadClient, jobId: string): Promise<JobStub[]> {
  const filter = `ID == ${literal(jobId)} or Name == ${literal(jobId)}`;
  const { items } = await nomad.list(jobs.list, { namespace: "*", filter, per_page: 20 });
  const exact = items.filter(({ ID }) => ID === jobId);
  return exact.length > 0 ? exact : items;
}
