import { goDuration, MS } from "../gotime.ts";
import type { Chance } from "../ids.ts";
import type { Task } from "../state/job-types.ts";

/** What becomes of a task that ended or could not start. Delay in ns. */
export interface Verdict {
  next: "restart" | "fail" | "done";
  delay: number;
  reason: string;
}

/** Why a task is looked at. */
export type Ending = { startError: { recoverable: boolean } } | { exitCode: number; signal: number; message: string };

/** Keeps count of a task's restarts, as its restart policy wants it. */
export function restartTracker(task: Task, jobType: string, chance: Chance, bornMs: number) {
  const policy = task.RestartPolicy;
  const batch = jobType === "batch" || jobType === "sysbatch";
  // a service is to run for ever: that it ended well is no reason to stop
  const onSuccess = task.Lifecycle ? task.Lifecycle.Sidecar && task.Lifecycle.Hook !== "poststop" : !batch;
  let count = 0;
  let since = bornMs;
  return {
    after(ending: Ending, nowMs: number): Verdict {
      const well = "exitCode" in ending && ending.exitCode === 0 && ending.signal === 0 && ending.message === "";
      const verdict = (next: Verdict["next"], reason: string, delay = 0): Verdict => ({ next, reason, delay });
      if (!policy || policy.Attempts === 0)
        return verdict(well && !onSuccess ? "done" : "fail", "Policy allows no restarts");
      const interval = policy.Interval / MS;
      if (nowMs > since + interval) {
        count = 0;
        since = nowMs;
      }
      count++;
      if ("startError" in ending) {
        if (!ending.startError.recoverable) return verdict("fail", "Error was unrecoverable");
      } else if (well && !onSuccess) return verdict("done", "Restart unnecessary as task terminated successfully");
      if (count > policy.Attempts) {
        if (policy.Mode === "fail") {
          const limit = `${policy.Attempts} in interval ${goDuration(policy.Interval)}`;
          return verdict("fail", `Exceeded allowed attempts ${limit} and mode is "fail"`);
        }
        return verdict(
          "restart",
          "Exceeded allowed attempts, applying a delay",
          Math.round((since + interval - nowMs) * MS),
        );
      }
      const delay = policy.Delay || 1;
      return verdict("restart", "Restart within policy", delay + Math.floor(chance.random() * delay * 0.25));
    },
  };
}
