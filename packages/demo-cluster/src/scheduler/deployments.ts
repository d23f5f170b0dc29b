import type { Timer } from "../clock.ts";
import { fromGoTime, MS } from "../gotime.ts";
import { newEvaluation } from "../state/fresh.ts";
import { isActive } from "../state/job-status.ts";
import { jobKey, type Store } from "../state/store.ts";
import type { Allocation, Deployment } from "../state/types.ts";
import { mayReschedule } from "./reschedule.ts";

/** Changes of a deployment's allocations are gathered this long before the scheduler hears of them (ms). */
const GATHER = 800;

interface Watched {
  deadline: Timer | undefined;
  deadlineAt: number;
  gathering: Timer | undefined;
  replace: Set<string>;
}

/** Pushes deployments on: asks for the next step when something became healthy, ends them when it goes wrong. */
export function watchDeployments(store: Store): void {
  const watched = new Map<string, Watched>();
  const entryOf = (id: string): Watched => {
    const known = watched.get(id) ?? { deadline: undefined, deadlineAt: 0, gathering: undefined, replace: new Set() };
    watched.set(id, known);
    return known;
  };

  const fail = (id: string, description: string) => {
    const deployment = store.deployments.get(id);
    const job = deployment && store.jobs.get(jobKey(deployment.Namespace, deployment.JobID));
    if (!deployment || !job || !isActive(deployment)) return;
    store.write((put) => {
      put.deployment({ ...deployment, Status: "failed", StatusDescription: description, ModifyTime: store.stamp() });
      put.evaluation(newEvaluation(store, job, "deployment-watcher", { DeploymentID: id }));
    });
  };
  const push = (id: string) => {
    const entry = entryOf(id);
    entry.gathering ??= store.clock.after(GATHER, () => {
      entry.gathering = undefined;
      const deployment = store.deployments.get(id);
      const job = deployment && store.jobs.get(jobKey(deployment.Namespace, deployment.JobID));
      if (!deployment || !job || !isActive(deployment)) return;
      const replace = [...entry.replace];
      entry.replace.clear();
      store.write((put) => {
        for (const allocId of replace) {
          const alloc = store.allocs.get(allocId);
          if (alloc) put.alloc({ ...alloc, DesiredTransition: { ...alloc.DesiredTransition, Reschedule: true } });
        }
        put.evaluation(newEvaluation(store, job, "deployment-watcher", { DeploymentID: id }));
      });
    });
  };
  const onHealth = (alloc: Allocation, deployment: Deployment) => {
    const job = store.jobs.get(jobKey(deployment.Namespace, deployment.JobID));
    const group = job?.TaskGroups.find((candidate) => candidate.Name === alloc.TaskGroup);
    const state = deployment.TaskGroups[alloc.TaskGroup];
    if (!group || !state) return;
    if (alloc.DeploymentStatus?.Healthy) {
      push(deployment.ID);
      return;
    }
    const hopeless = !mayReschedule(alloc, group.ReschedulePolicy, store.clock.now());
    if (state.ProgressDeadline === 0 || hopeless) {
      store.clock.after(50, () => fail(deployment.ID, "Failed due to unhealthy allocations"));
      return;
    }
    if (alloc.DesiredTransition.Reschedule) return;
    entryOf(deployment.ID).replace.add(alloc.ID);
    push(deployment.ID);
  };

  store.listen({
    alloc(alloc, before) {
      const deployment = store.deployments.get(alloc.DeploymentID);
      if (!deployment || !isActive(deployment)) return;
      const health = alloc.DeploymentStatus?.Healthy ?? null;
      if (health !== null && health !== (before?.DeploymentStatus?.Healthy ?? null)) onHealth(alloc, deployment);
    },
    deployment(deployment) {
      const entry = entryOf(deployment.ID);
      if (!isActive(deployment)) {
        entry.deadline?.cancel();
        entry.gathering?.cancel();
        watched.delete(deployment.ID);
        return;
      }
      const open =
        deployment.Status === "paused"
          ? []
          : Object.values(deployment.TaskGroups).filter((group) => group.HealthyAllocs < group.DesiredTotal);
      const times = open.map((group) => fromGoTime(group.RequireProgressBy)).filter((at) => at > 0);
      const next = times.length > 0 ? Math.min(...times) : 0;
      if (next === entry.deadlineAt) return;
      entry.deadlineAt = next;
      entry.deadline?.cancel();
      entry.deadline = undefined;
      if (next > 0)
        entry.deadline = store.clock.after(next / MS - store.clock.now(), () => {
          const now = store.deployments.get(deployment.ID);
          const late = Object.values(now?.TaskGroups ?? {}).some((group) => group.HealthyAllocs < group.DesiredTotal);
          if (late) fail(deployment.ID, "Failed due to progress deadline");
        });
    },
  });
}
