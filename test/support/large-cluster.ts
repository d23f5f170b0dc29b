import { jobKey, type Store } from "demo-cluster/state/store.ts";

/** How large a cluster is. */
export interface Size {
  readonly jobs: number;
  /** All together, spread over the jobs. */
  readonly deadAllocations: number;
  readonly nodes: number;
}

/**
 * Fills a demo cluster up to a size with jobs like its `web`: each has one allocation that runs, its share of dead ones, a
 * deployment and an evaluation. They stand still: nothing schedules them.
 */
export function fillUp({ jobs, deadAllocations, nodes }: Size): (store: Store) => void {
  return (store) => {
    const key = jobKey("default", "web");
    const [job, summary] = [store.jobs.get(key), store.summaries.get(key)];
    const ofWeb = <T extends { JobID: string }>(all: Iterable<T>) => [...all].find(({ JobID }) => JobID === "web");
    const [allocation, deployment] = [ofWeb(store.allocs.values()), ofWeb(store.deployments.values())];
    const evaluation = ofWeb(store.evals.values());
    const [node] = store.nodes.values();
    if (!job || !summary || !allocation || !deployment || !evaluation || !node) throw new Error("the demo has no web");
    const uuid = () => store.chance.uuid();

    const all = [...store.nodes.values()];
    for (let index = all.length; index < nodes; index++) {
      const more = { ...node, ID: uuid(), Name: `node-${String(index).padStart(4, "0")}` };
      store.nodes.set(more.ID, more);
      all.push(more);
    }
    const dead = Math.floor(deadAllocations / jobs);
    for (let index = store.jobs.size; index < jobs; index++) {
      const ID = `svc-${String(index).padStart(5, "0")}`;
      const own = { ...job, ID, Name: ID };
      const at = jobKey("default", ID);
      store.jobs.set(at, own);
      store.versions.set(at, [own]);
      const counts = Object.entries(summary.Summary).map(([name, each]) => [
        name,
        { ...each, Running: 1, Failed: dead },
      ]);
      store.summaries.set(at, { ...summary, JobID: ID, Summary: Object.fromEntries(counts) });
      const about = { JobID: ID, EvalID: uuid() };
      store.evals.set(about.EvalID, { ...evaluation, ID: about.EvalID, JobID: ID });
      const rollout = { ...deployment, ID: uuid(), JobID: ID };
      store.deployments.set(rollout.ID, rollout);
      for (let place = 0; place <= dead; place++) {
        const runs = place === dead;
        const { ID: NodeID, Name: NodeName } = all[(index + place) % all.length] ?? node;
        const state = runs ? {} : { ClientStatus: "failed" as const, DesiredStatus: "stop" as const };
        const one = { ...allocation, ...about, ...state, ID: uuid(), Job: own, Name: `${ID}.web[0]`, NodeID, NodeName };
        store.allocs.set(one.ID, { ...one, DeploymentID: rollout.ID });
      }
    }
  };
}
