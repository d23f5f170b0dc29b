import { NomadError, Refusal } from "../api/errors.ts";
import { literal, path } from "../api/path.ts";
import type { AllocationStub, JobStub } from "../api/types.ts";
import type { NomadClient } from "../nomad-client.ts";
import { plural, short, some } from "../text/words.ts";

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
 * id in another namespace or a job that the text is a unique prefix of, and says so in `note`.
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
  const candidates = await sameId(nomad, jobId);
  const here = candidates.filter(({ Namespace }) => Namespace === nomad.namespace);
  const [only, ...others] = nomad.namespace === "*" ? candidates : here;
  if (only !== undefined && others.length === 0) return { nomad: nomad.in(only.Namespace), id: only.ID };
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
  const candidates = await sameId(nomad, jobId);
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) {
    const note =
      nomad.namespace === "*" ? undefined : `(${jobId} is in namespace ${only.Namespace}, not in ${nomad.namespace})`;
    return { nomad: nomad.in(only.Namespace), id: only.ID, ...(note && { note }) };
  }
  if (only !== undefined) {
    const places = candidates.map(({ Namespace }) => Namespace);
    throw new Refusal(
      `Job ${jobId} is in ${plural(places.length, "namespace")}: ${some(places, 8)}. Say which with namespace=.`,
    );
  }
  const { items } = await nomad.list<JobStub>(path`/v1/jobs`, { prefix: jobId, per_page: 2, filter: 'ParentID == ""' });
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

/** Jobs of exactly this id in every namespace that the token can see. */
async function sameId(nomad: NomadClient, jobId: string): Promise<JobStub[]> {
  const query = { namespace: "*", filter: `ID == ${literal(jobId)}`, per_page: 20 };
  return (await nomad.list<JobStub>(path`/v1/jobs`, query)).items;
}

/** What to say of a job that does not exist: the nearest names, across namespaces; whether it was purged. */
async function unknownJob(nomad: NomadClient, jobId: string, end = ""): Promise<Refusal> {
  const names = await nearest(nomad, jobId);
  const where = nomad.namespace === "*" ? "in any namespace" : `in namespace ${nomad.namespace}`;
  const near = names.map(({ ID, Namespace }) =>
    Namespace === nomad.namespace ? ID : `${ID} (namespace ${Namespace})`,
  );
  const hint =
    near.length > 0
      ? `Nearest: ${some(near, 8)}.`
      : (await purged(nomad, jobId)) || "list_nomad_jobs shows what there is.";
  return new Refusal([`There is no job ${JSON.stringify(jobId)} ${where}.`, hint, end].filter(Boolean).join(" "));
}

async function nearest(nomad: NomadClient, jobId: string): Promise<JobStub[]> {
  // What was typed may hold anything, and a long one has too many neighbours for one expression.
  const text = jobId.slice(0, 40);
  const filter = `(ID matches ${literal(oneEditAway(text))} or ID matches ${literal(`(?i)${escaped(text)}`)}) and ParentID == ""`;
  return (await nomad.list<JobStub>(path`/v1/jobs`, { namespace: "*", filter, per_page: 8 })).items;
}

/** A regular expression (RE2) of the names one edit away from `text`, upper and lower case alike. */
function oneEditAway(text: string): string {
  const characters = [...text];
  const at = (index: number) => characters.slice(0, index).map(escaped).join("");
  const from = (index: number) => characters.slice(index).map(escaped).join("");
  const edits = characters.flatMap((_, index) => [
    `${at(index)}.?${from(index + 1)}`,
    `${at(index)}.${from(index)}`,
    ...(index + 1 < characters.length
      ? [`${at(index)}${escaped(characters[index + 1] ?? "")}${escaped(characters[index] ?? "")}${from(index + 2)}`]
      : []),
  ]);
  return `(?i)^(${[...edits, `${at(characters.length)}.`].join("|")})$`;
}

/** A text as a regular expression (RE2) that matches it alone. */
export const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");

async function purged(nomad: NomadClient, jobId: string): Promise<string> {
  if (nomad.namespace === "*") return "";
  const filter = `JobID == ${literal(jobId)} and TriggeredBy == "job-deregister"`;
  const { items } = await nomad.list(path`/v1/evaluations`, { filter, per_page: 1 });
  return items.length > 0 ? "It was purged: nothing of it is kept; submit its job file again." : "";
}

/**
 * The full id of an allocation, from 8 or more characters of it, dashes or not, in every namespace that the token sees.
 *
 * @throws Refusal where none or several begin so.
 */
export async function allocationId(nomad: NomadClient, given: string): Promise<string> {
  const id = given.trim().toLowerCase();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id;
  const digits = id.replaceAll("-", "");
  if (!/^[0-9a-f]{4,32}$/.test(digits)) {
    throw new Refusal(`${JSON.stringify(given)} is not an allocation id: those are hexadecimal, such as 4f2a9c31.`);
  }
  const { items } = await nomad.list<AllocationStub>(path`/v1/allocations`, {
    namespace: "*",
    prefix: idPrefix(digits),
    task_states: false,
    per_page: 50,
  });
  const matching = items.filter((allocation) => allocation.ID.replaceAll("-", "").startsWith(digits));
  const [only, ...others] = matching;
  if (only !== undefined && others.length === 0) return only.ID;
  if (only === undefined) {
    throw new Refusal(
      `There is no allocation that begins with ${given}. It may be gone: Nomad forgets ended ones after a while.`,
    );
  }
  const names = matching.map(({ ID, Name }) => `${short(ID)}${ID.slice(8, 13)} (${Name})`);
  throw new Refusal(
    `${given} begins ${plural(matching.length, "allocation")}: ${some(names, 6)}. Give more characters.`,
  );
}

/** The digits that an id begins with as the `prefix` of a list: dashed, and of an even length, since Nomad takes no other. */
export function idPrefix(begun: string): string {
  return dashed(begun.slice(0, begun.length - (begun.length % 2)));
}

/** The digits of a UUID, or of its beginning, with the dashes between them. */
export function dashed(digits: string): string {
  const parts = [8, 12, 16, 20].map((end, index) => digits.slice([0, 8, 12, 16][index], end));
  return [...parts, digits.slice(20)].filter(Boolean).join("-");
}
