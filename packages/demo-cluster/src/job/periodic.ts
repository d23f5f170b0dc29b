import type { Timer } from "../clock.ts";
import { newEvaluation } from "../state/fresh.ts";
import type { Job } from "../state/job-types.ts";
import { jobKey, type Store } from "../state/store.ts";
import type { Evaluation } from "../state/types.ts";
import type { Cron } from "./cron.ts";

/** Launches a child of a periodic job now. */
export function launch(store: Store, job: Job, ms: number): Evaluation {
  const id = `${job.ID}/periodic-${Math.floor(ms / 1000)}`;
  const child: Job = {
    ...job,
    ID: id,
    Name: id,
    ParentID: job.ID,
    Periodic: null,
    Status: "",
    StatusDescription: "",
    SubmitTime: store.stamp(),
  };
  const evaluation = newEvaluation(store, child, "periodic-job");
  store.write((put, index) => {
    put.job(child);
    put.evaluation({ ...evaluation, JobModifyIndex: index });
  });
  return evaluation;
}

/** Launches periodic jobs when their time has come. */
export function startPeriodic(store: Store, cron: Cron): void {
  const timers = new Map<string, Timer>();
  const arm = (key: string) => {
    timers.get(key)?.cancel();
    timers.delete(key);
    const job = store.jobs.get(key);
    if (!job?.Periodic?.Enabled || job.Stop || job.ParameterizedJob) return;
    const next = cron.next(job.Periodic, store.clock.now());
    if (next === undefined) return;
    timers.set(
      key,
      store.clock.after(next - store.clock.now(), () => {
        const current = store.jobs.get(key);
        if (
          current &&
          store.clock.now() >= next &&
          !(current.Periodic?.ProhibitOverlap && hasLiveChild(store, current))
        )
          launch(store, current, next);
        arm(key);
      }),
    );
  };
  store.listen({ job: (_job, key) => arm(key) });
}

function hasLiveChild(store: Store, parent: Job): boolean {
  for (const job of store.jobs.values())
    if (job.ParentID === parent.ID && jobKey(job.Namespace, parent.ID) === jobKey(parent.Namespace, parent.ID))
      if (job.Status !== "dead") return true;
  return false;
}
