import { literal } from "../../api/request/path.ts";
import { jobs } from "../../endpoints/jobs.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { type Part, part } from "../shared/parts.ts";

/** Jobs that are placed by metadata of nodes. */
export interface MetaReaders {
  readonly jobs: readonly { readonly id: string; readonly namespace: string }[];
  readonly more: boolean;
}

const mostJobs = 5;

/** The jobs of all namespaces that the token sees whose constraints, affinities or spreads read one of the keys: one request. */
export async function readMetaReaders(
  nomad: NomadClient,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<Part<MetaReaders>> {
  const targets = keys.map((key) => literal(`\${meta.${key}}`));
  const reads = (of: string, field: string) =>
    `(any ${of} as e { ${targets.map((target) => `e.${field} == ${target}`).join(" or ")} })`;
  const everywhere = (in_: string) =>
    [reads(`${in_}Constraints`, "LTarget"), reads(`${in_}Affinities`, "LTarget")].join(" or ");
  const tasks = `(any g.Tasks as t { ${everywhere("t.")} })`;
  const groups = `(any TaskGroups as g { ${everywhere("g.")} or ${reads("g.Spreads", "Attribute")} or ${tasks} })`;
  const filter = `${everywhere("")} or ${reads("Spreads", "Attribute")} or ${groups}`;
  return await part(
    signal,
    nomad
      .in("*")
      .list(jobs.list, { filter, per_page: mostJobs })
      .then(({ items, next }) => ({
        jobs: items.map(({ ID, Namespace }) => ({ id: ID, namespace: Namespace })),
        more: next !== undefined,
      })),
  );
}
