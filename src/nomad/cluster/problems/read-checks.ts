import {
  type AllocationStub,
  allocations as allocationRoutes,
  type CheckResult,
} from "../../../endpoints/allocations.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { gather } from "../../../text/gather.ts";
import { part } from "../../shared/parts.ts";

/** An allocation that runs, and what the checks said that Nomad makes of its services. */
interface Checked {
  readonly allocation: AllocationStub;
  readonly results: readonly CheckResult[];
}

/** The checks of a look: only the node of an allocation has their results, so that they are asked of some. */
export interface Checks {
  readonly asked: readonly Checked[];
  /** How many allocations run that have checks, as far as they were listed. */
  readonly running: number;
  /** Whether those are all. */
  readonly complete: boolean;
}

/** So many allocations are listed, and so many of them asked. */
const mostListed = 60;
const mostAsked = 8;
/** Nodes may take so long together, ms. */
const patience = 2_000;

const has = 's.Provider == "nomad" and s.Checks is not empty';
const offered = `(any g.Services as s { ${has} }) or (any g.Tasks as t { any t.Services as s { ${has} } })`;
const withChecks = `DesiredStatus == "run" and ClientStatus == "running" and (any Job.TaskGroups as g { ${offered} })`;

/** Asks the nodes, of every job first one allocation: a check that fails mostly fails in all. At most 9 requests. */
export async function readChecks(nomad: NomadClient, signal: AbortSignal): Promise<Checks> {
  const query = { filter: withChecks, reverse: true, per_page: mostListed, task_states: false };
  const { items, next } = await nomad.list(allocationRoutes.list, query);
  const byJob = [...gather(items, ({ Namespace, JobID }) => `${Namespace}\n${JobID}`).values()];
  const turns = byJob.flatMap((ofJob) => ofJob.map((allocation, turn) => ({ allocation, turn })));
  const chosen = turns.toSorted((one, other) => one.turn - other.turn).slice(0, mostAsked);
  const quick = nomad.within(AbortSignal.timeout(patience));
  const asked = await Promise.all(
    chosen.map(async ({ allocation }) => {
      const read = quick.get(allocationRoutes.checks, { allocation_id: allocation.ID });
      const found = await part(signal, read);
      return "value" in found ? [{ allocation, results: Object.values(found.value ?? {}) }] : [];
    }),
  );
  return { asked: asked.flat(), running: items.length, complete: next === undefined };
}
