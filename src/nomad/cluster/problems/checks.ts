import {
  type AllocationStub,
  allocations as allocationRoutes,
  type CheckResult,
} from "../../../endpoints/allocations.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { gather } from "../../../text/gather.ts";
import { fromNanoseconds } from "../../../text/time.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { given, part } from "../../shared/parts.ts";
import type { Jobs } from "./jobs-seen.ts";
import type { JobsLook } from "./look.ts";
import type { Problem } from "./problem.ts";

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
/** What was placed less than this ago, in ms, may still be starting. */
const startingTime = 60_000;
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

/** Jobs that run and have a check that fails; those together whose check says the same. */
export function checkProblems(look: JobsLook, jobs: Jobs): Problem[] {
  const failing = new Map<string, string>();
  for (const { allocation, results } of given(look.checks)?.asked ?? []) {
    const key = jobs.keyOf(allocation);
    const age = jobs.now - (fromNanoseconds(allocation.CreateTime) ?? jobs.now);
    if (key === undefined || jobs.isTold(key) || failing.has(key) || age < startingTime) continue;
    const result = results.find(({ Status }) => Status === "failure");
    if (result === undefined) continue;
    failing.set(key, `check ${result.Check} of service ${result.Service} fails: ${quotedLine(result.Output, 120)}`);
  }
  for (const key of failing.keys()) jobs.tell(key);
  return [...gather(failing, ([, sentence]) => sentence)].map(([sentence, group]) => ({
    rank: "failing",
    sentence,
    jobs: group
      .map(([key]) => key)
      .toSorted()
      .map(jobs.affected),
  }));
}
