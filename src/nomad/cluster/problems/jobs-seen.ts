import type { Evaluation } from "../../../endpoints/evaluations.ts";
import type { JobStub } from "../../../endpoints/jobs.ts";
import { gather } from "../../../text/gather.ts";
import { lackOf } from "../../evaluations/placement/lack.ts";
import type { Nodes } from "../../evaluations/placement/surroundings.ts";
import { type RowState, rowState } from "../../jobs/health/summary.ts";
import { given } from "../../shared/parts.ts";
import type { JobsLook } from "./look.ts";
import type { Affected } from "./problem.ts";

/** The jobs of a look, which every kind of problem asks; and which of them have been told of already. */
export interface Jobs {
  /** ms, by the server's clock. */
  readonly now: number;
  /** All rows that were read. */
  readonly rows: ReadonlyMap<string, { readonly job: JobStub; readonly state: RowState }>;
  /** The job of an object, the parent's for children; undefined where the job is stopped or gone. */
  keyOf(object: { readonly Namespace: string; readonly JobID: string }): string | undefined;
  affected(key: string): Affected;
  /** True where nothing of it ever ran, as far as its summary tells. */
  neverRan(key: string): boolean;
  /** True where something of it waits for a place. */
  isShort(key: string): boolean;
  /** Jobs that wait for a place by what they lack. */
  lacksOf(keys: Iterable<string>): [lack: string, keys: string[]][];
  /** What the job lacks; empty where it does not wait. */
  lackOf(key: string): string;
  /** All jobs that wait for a place. */
  readonly short: readonly string[];
  /** Notes that the job's trouble has a line already. */
  tell(key: string): void;
  isTold(key: string): boolean;
}

const keyOf = ({ Namespace, ID }: { readonly Namespace: string; readonly ID: string }) => `${Namespace}\n${ID}`;

export function seeJobs(look: JobsLook): Jobs {
  const listed = given(look.jobs);
  const rows = new Map((listed?.items ?? []).map((job) => [keyOf(job), { job, state: rowState(job) }]));
  const found = given(look.nodes);
  const nodes: Nodes | undefined = found && { nodes: found.items, complete: found.complete };
  const told = new Set<string>();

  const jobOf: Jobs["keyOf"] = ({ Namespace, JobID }) => {
    const own = keyOf({ Namespace, ID: JobID });
    const key = rows.has(own) ? own : keyOf({ Namespace, ID: JobID.replace(/\/(periodic|dispatch)-[^/]*$/, "") });
    return listed?.complete && !rows.has(key) ? undefined : key;
  };
  const lacks = new Map<string, string>();
  for (const evaluation of [...(given(look.blocked)?.items ?? []), ...newestOfSystem(look)]) {
    const key = jobOf(evaluation);
    const [metric] = Object.values(evaluation.FailedTGAllocs ?? {});
    if (key === undefined || metric === undefined || lacks.has(key)) continue;
    lacks.set(key, lackOf(metric, rows.get(key)?.job, nodes));
  }
  return {
    now: look.nomad.now(),
    rows,
    keyOf: jobOf,
    affected(key) {
      const [namespace = "", id = ""] = key.split("\n");
      return { namespace, id, idle: rows.get(key)?.state.counts.running === 0 };
    },
    neverRan: (key) => countsOf(rows.get(key)?.job).every((count) => count === 0),
    lackOf: (key) => lacks.get(key) ?? "",
    isShort: (key) => lacks.has(key),
    lacksOf: (keys) => [...gather(keys, (key) => lacks.get(key) ?? "no reason is kept")],
    short: [...lacks.keys()],
    tell: (key) => void told.add(key),
    isTold: (key) => told.has(key),
  };
}

/** How many allocations of a job there ever were, by group. */
function countsOf(job: JobStub | undefined): number[] {
  const groups = Object.values(job?.JobSummary?.Summary ?? {});
  return groups.map((group) => group.Running + group.Starting + group.Complete + group.Failed + group.Lost);
}

/**
 * System jobs have no blocked evaluation: the newest finished one of each tells. On nodes that do not fit they need not
 * run, so it counts only where nothing runs, or where a node that fits has no room.
 */
function newestOfSystem(look: JobsLook): Evaluation[] {
  const rows = new Map((given(look.jobs)?.items ?? []).map((job) => [keyOf(job), rowState(job)]));
  const newest = gather(given(look.system)?.items ?? [], ({ Namespace, JobID }) => keyOf({ Namespace, ID: JobID }));
  return [...newest].flatMap(([key, [first]]) => {
    const counts = rows.get(key)?.counts;
    const exhausted = Object.values(first?.FailedTGAllocs ?? {}).some((metric) => metric.NodesExhausted > 0);
    const idle = counts !== undefined && counts.running + counts.starting === 0;
    return first && (exhausted || idle) ? [first] : [];
  });
}
