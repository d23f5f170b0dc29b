import { gather } from "../../../text/gather.ts";
import { given } from "../../shared/parts.ts";
import type { Jobs } from "./jobs-seen.ts";
import type { JobsLook } from "./look.ts";
import type { Problem } from "./problem.ts";

/**
 * Batch jobs that ended because a drain killed what they ran: their rows say that they are done, and nothing runs them again
 * (operator-observed.md §1). Those that were submitted anew since then are not among them.
 */
export function drainedProblems(look: JobsLook, jobs: Jobs): Problem[] {
  const killed = (given(look.drained)?.items ?? []).flatMap((allocation) => {
    const key = jobs.keyOf(allocation);
    const row = key === undefined ? undefined : jobs.rows.get(key);
    if (key === undefined || row === undefined || jobs.isTold(key)) return [];
    if (allocation.DesiredTransition?.MigrateDisablePlacement !== true) return [];
    const { running, starting, queued } = row.state.counts;
    const isAnew = allocation.CreateIndex < row.job.JobModifyIndex || running + starting + queued > 0;
    return isAnew ? [] : [{ key, node: allocation.NodeName }];
  });
  return [...gather(killed, ({ node }) => node)].map(([node, those]): Problem => {
    const keys = [...new Set(those.map(({ key }) => key))].toSorted();
    for (const key of keys) jobs.tell(key);
    return {
      rank: "failing",
      sentence: `killed by the drain of node ${node}, and not run again by itself`,
      jobs: keys.map(jobs.affected),
    };
  });
}
