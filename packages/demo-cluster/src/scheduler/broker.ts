import { fromGoTime, MS } from "../gotime.ts";
import { newEvaluation } from "../state/fresh.ts";
import { isClientTerminal } from "../state/job-status.ts";
import type { Node } from "../state/node-types.ts";
import { jobKey, type Store } from "../state/store.ts";
import type { Evaluation } from "../state/types.ts";
import { runEvaluation } from "./scheduler.ts";

/** Runs what is pending, when its time has come, and tries what is blocked again when something has freed up. */
export function startBroker(store: Store): void {
  const { clock, chance } = store;
  const queued = new Set<string>();
  const run = (evaluation: Evaluation) => {
    if (store.scheduler.PauseEvalBroker || queued.has(evaluation.ID)) return;
    queued.add(evaluation.ID);
    const due = fromGoTime(evaluation.WaitUntil) / MS - clock.now();
    clock.after(Math.max(0, due) + chance.between(5, 20), () => {
      queued.delete(evaluation.ID);
      runEvaluation(store, evaluation.ID);
    });
  };
  const retryBlocked = (node: Node | undefined) => {
    for (const evaluation of store.evals.values()) {
      if (evaluation.Status !== "blocked") continue;
      // nodes of a class that cannot run it do not help
      if (node && evaluation.ClassEligibility?.[node.ComputedClass] === false) continue;
      run(evaluation);
    }
  };
  store.listen({
    evaluation(evaluation) {
      if (evaluation.Status === "pending") run(evaluation);
    },
    alloc(alloc, before) {
      const freed = before && isClientTerminal(alloc) && !isClientTerminal(before);
      if (freed || !store.allocs.has(alloc.ID)) retryBlocked(store.nodes.get(alloc.NodeID));
    },
    scheduler({ PauseEvalBroker }) {
      if (PauseEvalBroker) return;
      for (const evaluation of store.evals.values()) if (evaluation.Status === "pending") run(evaluation);
    },
    node(node) {
      if (node.Status === "ready" && node.SchedulingEligibility === "eligible") retryBlocked(node);
    },
  });
}

/** Evaluations for every job that a change of a node touches. */
export function evaluateNode(store: Store, node: Node, trigger: "node-update" | "node-drain"): string[] {
  const jobs = new Map<string, { ID: string; Namespace: string; Priority: number; Type: string }>();
  for (const alloc of store.allocs.values()) {
    if (alloc.NodeID !== node.ID || alloc.Job.Type === "sysbatch") continue;
    if (alloc.Job.Type === "batch" ? isClientTerminal(alloc) : isClientTerminal(alloc) && alloc.DesiredStatus !== "run")
      continue;
    jobs.set(jobKey(alloc.Namespace, alloc.JobID), alloc.Job);
  }
  for (const [key, job] of store.jobs) if (job.Type === "system" && !job.Stop) jobs.set(key, job);
  if (jobs.size === 0) return [];
  const ids: string[] = [];
  store.write((put) => {
    for (const job of jobs.values()) {
      const where = { NodeID: node.ID, NodeModifyIndex: node.ModifyIndex };
      ids.push(put.evaluation(newEvaluation(store, job, trigger, trigger === "node-update" ? where : {})).ID);
    }
  });
  return ids;
}
