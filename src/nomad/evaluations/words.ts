import type { Evaluation } from "../../endpoints/evaluations.ts";
import type { DesiredUpdates } from "../../endpoints/metric.ts";
import { fromGoTime, span } from "../../text/time.ts";
import { all } from "../../text/words.ts";

/** When an evaluation is due, ms. */
export function waitUntil(evaluation: Evaluation | undefined): number | undefined {
  return fromGoTime(evaluation?.WaitUntil);
}

/** What became of an evaluation, in words: "1 not placed, place 2"; empty where there is nothing to tell. */
export function evaluationOutcome(evaluation: Evaluation, now: number): string {
  const failed = Object.values(evaluation.FailedTGAllocs ?? {});
  const unplaced = failed.reduce((total, metric) => total + metric.CoalescedFailures + 1, 0);
  const at = waitUntil(evaluation);
  const delayed = evaluation.Status === "pending" && at !== undefined && at > now ? `waits ${span(at - now)}` : "";
  const odd =
    evaluation.Status === "failed" || evaluation.Status === "canceled" ? (evaluation.StatusDescription ?? "") : "";
  const updates = Object.values(evaluation.PlanAnnotations?.DesiredTGUpdates ?? {});
  const parts = [
    unplaced > 0 ? `${unplaced} not placed` : "",
    delayed,
    evaluation.Status === "blocked" ? "" : did(updates, unplaced, evaluation.Type.startsWith("sys")),
    odd,
  ];
  return parts.filter(Boolean).join(", ");
}

/** What the scheduler planned to do, from the counts that are not zero, less what it found no place for. */
function did(updates: readonly DesiredUpdates[], unplaced: number, system: boolean): string {
  const sum = (count: (update: DesiredUpdates) => number | undefined) =>
    updates.reduce((total, update) => total + (count(update) ?? 0), 0);
  const counts: [string, number][] = [
    // Of a system job this counts what is there already, too.
    ["place", system ? 0 : Math.max(0, sum((update) => update.Place) - unplaced)],
    ["stop", sum((update) => update.Stop)],
    ["migrate", sum((update) => update.Migrate)],
    ["replace", sum((update) => update.DestructiveUpdate)],
    ["update in place", sum((update) => update.InPlaceUpdate)],
    ["canary", sum((update) => update.Canary)],
    ["preempt", sum((update) => update.Preemptions)],
    ["reschedule later", sum((update) => update.RescheduleLater)],
  ];
  const done = counts.filter(([, count]) => count > 0).map(([word, count]) => `${word} ${count}`);
  // For a system job "place" may stand for what was placed as well as for what was there: neither is claimed.
  const unclear = system && updates.some(({ Place }) => Place > 0);
  if (updates.length > 0 && done.length === 0 && unplaced === 0 && !unclear) return "nothing to do";
  return all(done);
}
