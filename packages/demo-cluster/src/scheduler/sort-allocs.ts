import { SECOND } from "../gotime.ts";
import { isActive, isServerTerminal, isTerminal } from "../state/job-status.ts";
import type { Job } from "../state/job-types.ts";
import type { Allocation, Deployment } from "../state/types.ts";
import type { Situation } from "./decision.ts";
import { rescheduleAt } from "./reschedule.ts";

/** It should run on a node that is gone. */
export function isLost(situation: Situation, alloc: Allocation): boolean {
  const node = situation.nodes.get(alloc.NodeID);
  return !isTerminal(alloc) && (!node || node.Status === "down");
}

/** A group's allocations by what is to become of them. */
export interface Sorted {
  untainted: Allocation[];
  migrate: Allocation[];
  lost: Allocation[];
  again: Allocation[];
  later: { alloc: Allocation; at: number }[];
  ignored: number;
}

/** Sorts a group's allocations: those that count, those to move, those that are lost, those to reschedule now or later. */
export function sortAllocs(situation: Situation, current: Deployment | undefined, all: readonly Allocation[]): Sorted {
  const out: Sorted = { untainted: [], migrate: [], lost: [], again: [], later: [], ignored: 0 };
  for (const alloc of all) {
    if (isServerTerminal(alloc) && !(situation.batch && !alloc.DesiredTransition.Reschedule)) continue;
    if (situation.batch && situation.job && isOlder(alloc, situation.job) && isTerminal(alloc)) {
      out.ignored++;
      continue;
    }
    // drained: it keeps its place, so that nothing takes it
    if (isServerTerminal(alloc) && alloc.DesiredTransition.MigrateDisablePlacement) out.untainted.push(alloc);
    else if (isServerTerminal(alloc) && alloc.Job.Type !== "batch") out.ignored++;
    else if (isTerminal(alloc)) sortEnded(situation, current, alloc, out);
    else if (alloc.DesiredTransition.Migrate) {
      out.migrate.push(alloc);
      // of a batch job and stopped by hand: its policy says when it runs again
      const at = alloc.DesiredTransition.Reschedule && situation.batch ? rescheduleAt(alloc) : undefined;
      if (at !== undefined && at - situation.now <= SECOND) out.again.push(alloc);
      else if (at !== undefined && alloc.FollowupEvalID === "") out.later.push({ alloc, at });
    } else if (isLost(situation, alloc)) out.lost.push(alloc);
    else out.untainted.push(alloc);
  }
  return out;
}

function isOlder(alloc: Allocation, job: Job): boolean {
  return alloc.Job.Version < job.Version || alloc.Job.CreateIndex < job.CreateIndex;
}

function sortEnded(situation: Situation, current: Deployment | undefined, alloc: Allocation, out: Sorted): void {
  if (isServerTerminal(alloc)) {
    out.ignored++;
    return;
  }
  if (alloc.NextAllocation !== "") return;
  const { batch, now, evalId } = situation;
  if (alloc.ClientStatus !== "failed") {
    // a service that ended is replaced, a batch that ended well is done
    if (batch) out.untainted.push(alloc);
    return;
  }
  const deploying = current && isActive(current) && alloc.DeploymentID === current.ID;
  if (deploying && !alloc.DesiredTransition.Reschedule) {
    out.untainted.push(alloc);
    return;
  }
  const at = rescheduleAt(alloc);
  const due = at !== undefined && (alloc.FollowupEvalID === evalId || at - now <= SECOND);
  if (due || alloc.DesiredTransition.ForceReschedule) {
    out.again.push(alloc);
    return;
  }
  out.untainted.push(alloc);
  if (at !== undefined && alloc.FollowupEvalID === "") out.later.push({ alloc, at });
}
