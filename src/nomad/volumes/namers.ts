import { literal } from "../../api/request/path.ts";
import { jobs } from "../../endpoints/jobs.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { type Part, part } from "../shared/parts.ts";

/** Jobs of a namespace whose job file names a host volume. */
export interface Namers {
  readonly jobs: readonly { readonly id: string; readonly stopped: boolean }[];
  readonly more: boolean;
}

const mostJobs = 5;

/** The jobs that name a volume, by Nomad's own filter: one request. Of `data[0]` those with `per_alloc` name `data`. */
export async function readNamers(nomad: NomadClient, volume: string, signal: AbortSignal): Promise<Part<Namers>> {
  const [, stem] = /^(.+)\[\d+\]$/.exec(volume) ?? [];
  const numbered = stem === undefined ? "" : ` or (v.Source == ${literal(stem)} and v.PerAlloc == true)`;
  const named = `(v.Source == ${literal(volume)} and v.PerAlloc == false)${numbered}`;
  const filter = `any TaskGroups as g { any g.Volumes as n, v { v.Type == "host" and (${named}) } }`;
  return await part(
    signal,
    nomad.list(jobs.list, { filter, per_page: mostJobs }).then(({ items, next }) => ({
      jobs: items.map(({ ID, Status }) => ({ id: ID, stopped: Status === "dead" })),
      more: next !== undefined,
    })),
  );
}
