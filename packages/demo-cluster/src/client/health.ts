import type { Clock, Timer } from "../clock.ts";
import { fromGoTime, goDuration, MINUTE, MS, SECOND } from "../gotime.ts";
import type { TaskGroup } from "../state/job-types.ts";
import { failsChecks } from "./checks.ts";
import type { TaskRunner } from "./task-runner.ts";

/** Watches whether an allocation of a deployment becomes healthy in time. */
export interface HealthWatch {
  /** A task has changed. */
  look(): void;
  stop(): void;
}

/** A watch that never says anything. */
export const NO_WATCH: HealthWatch = { look() {}, stop() {} };

/** How long after a task has failed its allocation counts as unhealthy (ms). */
const NOTICED = 20;

/** How an allocation outside of a deployment counts as healthy, where its group does not say. */
const MIGRATE = { HealthCheck: "checks", MinHealthyTime: 10 * SECOND, HealthyDeadline: 5 * MINUTE };

/**
 * Healthy is an allocation all of whose tasks have run for min_healthy_time before healthy_deadline: those of the group's
 * update strategy in a deployment, else those of its migrate strategy. What never started is no matter of this watch: the
 * client says so itself.
 */
export function watchHealth(
  clock: Clock,
  group: TaskGroup,
  inDeployment: boolean,
  runners: readonly TaskRunner[],
  told: (healthy: boolean, why: ReadonlyMap<TaskRunner, string>) => void,
): HealthWatch {
  const update = inDeployment ? group.Update : (group.Migrate ?? MIGRATE);
  if (!update || (inDeployment && update.HealthCheck === "manual")) return NO_WATCH;
  // Its checks are part of its health, and nothing of it answers them.
  const deaf = update.HealthCheck === "checks" && failsChecks(group);
  let waiting: Timer | undefined;
  let since = 0;
  let over = false;
  const end = (healthy: boolean, why = new Map<TaskRunner, string>()) => {
    over = true;
    waiting?.cancel();
    deadline.cancel();
    told(healthy, inDeployment ? why : new Map());
  };
  const failures = () => {
    const dead = runners.filter(({ state }) => state.State === "dead");
    return new Map(dead.map((one) => [one, `Unhealthy because of ${one.state.Failed ? "failed" : "dead"} task`]));
  };
  const deadline = clock.after(update.HealthyDeadline / MS, () => {
    const why = new Map<TaskRunner, string>();
    const limit = goDuration(update.HealthyDeadline);
    for (const runner of runners) {
      if (runner.state.State === "pending") why.set(runner, `Task not running by healthy_deadline of ${limit}`);
      else if (runner.state.State === "running") {
        const begun = fromGoTime(runner.state.StartedAt);
        if (!deaf && begun + update.MinHealthyTime <= clock.now() * MS) continue;
        const least = goDuration(update.MinHealthyTime);
        why.set(runner, `Task not running for min_healthy_time of ${least} by healthy_deadline of ${limit}`);
      }
    }
    end(false, why);
  });
  return {
    look() {
      if (over) return;
      let latest = 0;
      for (const { task, state } of runners) {
        const hook = task.Lifecycle?.Hook;
        if (hook === "poststop") continue;
        const doneWell = state.State === "dead" && !state.Failed;
        if (hook === "poststart" && !task.Lifecycle?.Sidecar && doneWell) continue;
        if (state.State === "dead" && (state.Failed || hook !== "prestart")) {
          this.stop();
          if (state.Failed && state.StartedAt !== null) clock.after(NOTICED, () => end(false, failures()));
          return;
        }
        if (state.State === "pending") {
          latest = 0;
          break;
        }
        latest = Math.max(latest, fromGoTime(state.StartedAt));
      }
      if (latest === since) return;
      since = latest;
      waiting?.cancel();
      if (latest > 0 && !deaf) waiting = clock.after(update.MinHealthyTime / MS, () => end(true));
    },
    stop() {
      over = true;
      waiting?.cancel();
      deadline.cancel();
    },
  };
}
