import { literal } from "../../../api/request/path.ts";
import { type JobStub, jobs as jobRoutes } from "../../../endpoints/jobs.ts";
import type { NomadClient, Page } from "../../../nomad-client.ts";
import { given, type Part, part } from "../../shared/parts.ts";

// Runs of periodic and parameterized jobs live on when their parent is purged, and nothing else leads to them then.

/** A job among those of all namespaces. */
export const jobKey = ({ Namespace, ID }: Pick<JobStub, "Namespace" | "ID">) => `${Namespace}/${ID}`;

const parentKey = ({ Namespace, ParentID }: JobStub) => `${Namespace}/${ParentID}`;

/**
 * Runs of parents that are gone and whose name matches. `found`: all jobs that match, among which every parent is that
 * there still is.
 */
export async function orphans(
  nomad: NomadClient,
  pattern: string,
  found: readonly JobStub[],
  perPage: number,
  signal: AbortSignal,
): Promise<Part<Page<JobStub>>> {
  const parents = found.filter(({ Periodic, ParameterizedJob }) => Periodic || ParameterizedJob);
  const others = parents.map(
    ({ Namespace, ID }) => ` and (Namespace != ${literal(Namespace)} or ParentID != ${literal(ID)})`,
  );
  const filter = `ParentID != "" and ParentID matches ${literal(pattern)}${others.join("")}`;
  return await part(signal, nomad.list(jobRoutes.list, { filter, per_page: perPage }));
}

/** Which of the runs have no parent any more, by {@link jobKey}; none where that cannot be told. */
export async function withoutParent(
  nomad: NomadClient,
  jobs: readonly JobStub[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const runs = jobs.filter(({ ParentID }) => ParentID !== "");
  const parents = new Map(runs.map((run) => [parentKey(run), run]));
  if (parents.size === 0) return new Set();
  const each = [...parents.values()].map(
    ({ Namespace, ParentID }) => `(Namespace == ${literal(Namespace)} and ID == ${literal(ParentID)})`,
  );
  const list = nomad.list(jobRoutes.list, { filter: each.join(" or "), per_page: parents.size });
  const page = given(await part(signal, list));
  if (page === undefined) return new Set();
  const alive = new Set(page.items.map(jobKey));
  return new Set(runs.filter((run) => !alive.has(parentKey(run))).map(jobKey));
}
