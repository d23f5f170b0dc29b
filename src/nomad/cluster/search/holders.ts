import { type JobStub, jobs as jobRoutes } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { given, part } from "../../shared/parts.ts";
import { holds, type Inside, namesInside, type SoughtName } from "./inside.ts";
import type { Hits } from "./nearest.ts";

/** A job that holds what was searched for. */
export interface Holder {
  readonly job: Pick<JobStub, "ID" | "Namespace">;
  readonly names: readonly Inside[];
}

/**
 * Of the jobs that Nomad found, those in which something that may be seen holds what is searched for. That there are more
 * is said only beside one of those: else it would tell of what is masked.
 */
export async function holdersOf(
  nomad: NomadClient,
  { items: jobs, more }: Hits<JobStub>,
  sought: SoughtName,
  signal: AbortSignal,
): Promise<Hits<Holder> & { readonly unread: boolean }> {
  const found = await Promise.all(
    jobs.map(async ({ ID, Namespace }) => {
      const job = given(await part(signal, nomad.in(Namespace).get(jobRoutes.get, { job_id: ID })));
      return job && { job: { ID, Namespace }, names: namesInside(job, sought) };
    }),
  );
  const read = found.filter((each) => each !== undefined);
  const items = read.filter(({ names }) => names.length > 0);
  return { items, more: more && items.length > 0, unread: read.length < found.length };
}

/** The same of what Nomad's own search found. */
export function shownHolders(holders: readonly Holder[], sought: SoughtName): Holder[] {
  const shown = holders.map(({ job, names }) => ({ job, names: names.filter(({ name }) => holds(name, sought)) }));
  return shown.filter(({ names }) => names.length > 0);
}
