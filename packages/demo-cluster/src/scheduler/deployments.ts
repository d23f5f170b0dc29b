import type { Timer } from "../clock.ts";
import { fromGoTime, MS } from "../gotime.ts";
import { newEvaluation } from "../state/fresh.ts";
import { isActive } from "../state/job-status.ts";
import { jobKey, type Store } from "../state/store.ts";
import type { Allocation, Deployment, DeploymentGroup } from "../state/types.ts";
import { isCanarying, needsPromotion } from "./canaries.ts";
import { failDeployment, isHealthy, promoteDeployment } from "./deployment-actions.ts";
import { mayReschedule } from "./reschedule.ts";

/** Changes of a deployment's allocations are gathered this long before the scheduler hears of them (ms). */
const GATHER = 800;
/** What is clear at once takes this long (ms). */
const SOON = 50;

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

  const fail = (id: string, description: string, revert: boolean) => {
    const deployment = store.deployments.get(id);
    const job = deployment && store.jobs.get(jobKey(deployment.Namespace, deployment.JobID));
    if (deployment && job && isActive(deployment)) failDeployment(store, deployment, description, revert);
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
      store.clock.after(SOON, () => promoteByItself(store, deployment.ID));
      return;
    }
    const hopeless = !mayReschedule(alloc, group.ReschedulePolicy, store.clock.now());
    if (state.ProgressDeadline === 0 || hopeless) {
      store.clock.after(SOON, () => fail(deployment.ID, "Failed due to unhealthy allocations", state.AutoRevert));
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
          : Object.values(deployment.TaskGroups).filter((group) => isCanarying(group) || isLate(group));
      const times = open.map((group) => fromGoTime(group.RequireProgressBy)).filter((at) => at > 0);
      const next = times.length > 0 ? Math.min(...times) : 0;
      if (next === entry.deadlineAt) return;
      entry.deadlineAt = next;
      entry.deadline?.cancel();
      entry.deadline = undefined;
      if (next > 0)
        entry.deadline = store.clock.after(next / MS - store.clock.now(), () => {
          const now = store.deployments.get(deployment.ID);
          const late = Object.values(now?.Status === "paused" ? {} : (now?.TaskGroups ?? {})).filter(isLate);
          if (late.length === 0) return;
          const revert = late.some(({ AutoRevert }) => AutoRevert);
          fail(deployment.ID, "Failed due to progress deadline", revert);
        });
    },
  });
}

/** It lacks healthy allocations: canaries, as long as they are not promoted. */
function isLate(group: DeploymentGroup): boolean {
  return group.HealthyAllocs < (isCanarying(group) ? group.DesiredCanaries : group.DesiredTotal);
}

/** Promotes a deployment all of whose groups with canaries wish for that, once all of these are healthy. */
function promoteByItself(store: Store, id: string): void {
  const deployment = store.deployments.get(id);
  if (deployment?.Status !== "running" || !needsPromotion(deployment)) return;
  const groups = Object.values(deployment.TaskGroups).filter(({ DesiredCanaries }) => DesiredCanaries > 0);
  const ready = groups.every(({ AutoPromote, PlacedCanaries, DesiredCanaries }) => {
    const healthy = (PlacedCanaries ?? []).flatMap((canary) => store.allocs.get(canary) ?? []).filter(isHealthy);
    return AutoPromote && healthy.length === DesiredCanaries;
  });
  if (ready) promoteDeployment(store, deployment, () => true);
}
