import { goTime, MS } from "../gotime.ts";
import { decide } from "../scheduler/scheduler.ts";
import { newEvaluation } from "../state/fresh.ts";
import type { Job } from "../state/job-types.ts";
import { jobKey } from "../state/store.ts";
import { evaluationReply } from "../state/wire.ts";
import { specChanged } from "./changes.ts";
import { annotate, jobDiff } from "./diff.ts";
import { admit, type Registry } from "./registry.ts";
import type { Sent } from "./sent.ts";

/** What registering a job would come to, with the difference where that is asked for. Nothing is written. */
export function planJob(registry: Registry, sent: Sent, namespace: string, diff: boolean): Record<string, unknown> {
  const { store, cron } = registry;
  const { job, warnings } = admit(registry, sent, namespace);
  const before = store.jobs.get(jobKey(namespace, job.ID));
  const changed = !before || specChanged(before, job);
  const index = before?.JobModifyIndex ?? 0;
  const tried: Job = changed
    ? {
        ...job,
        CreateIndex: before?.CreateIndex ?? store.index + 1,
        ModifyIndex: store.index + 1,
        JobModifyIndex: store.index + 1,
        Version: before ? before.Version + 1 : 0,
      }
    : (before ?? job);
  const evaluation = newEvaluation(store, tried, "job-register", {
    JobModifyIndex: changed && before ? index + 1 : 0,
    AnnotatePlan: true,
  });
  const outcome = decide(store, evaluation, tried);
  const blocked = outcome.failed
    ? [
        newEvaluation(store, tried, "queued-allocs", {
          Status: "blocked",
          StatusDescription: "created to place remaining allocations",
          JobModifyIndex: evaluation.JobModifyIndex,
          PreviousEval: evaluation.ID,
          FailedTGAllocs: outcome.failed,
        }),
      ]
    : null;
  const next = job.Periodic?.Enabled ? cron.next(job.Periodic, store.clock.now()) : undefined;
  return {
    Annotations: outcome.annotations,
    CreatedEvals: blocked?.map(evaluationReply) ?? null,
    Diff: diff ? annotate(jobDiff(before, job), outcome.annotations.DesiredTGUpdates ?? {}) : null,
    FailedTGAllocs: outcome.failed,
    Index: index,
    JobModifyIndex: index,
    NextPeriodicLaunch: next === undefined ? null : goTime(next * MS),
    Warnings: warnings,
  };
}
