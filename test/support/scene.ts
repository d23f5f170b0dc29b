import { type DemoCluster, startDemoCluster } from "demo-cluster";
import type { Program } from "demo-cluster/client/programs.ts";
import { virtualClock } from "demo-cluster/clock.ts";
import { onTestFinished } from "vitest";
import { Cluster } from "../contract/support/cluster.ts";

/** One thing that is done to a cluster. Jobs are called by a word; on the cluster they have an id of their own. */
export type Step =
  | { readonly submit: Submitted; readonly as?: string }
  /** As the CLI submits a job file, whose text Nomad keeps. */
  | { readonly file: (id: string) => string }
  /** The cluster has this namespace: a real agent may have to be given it. */
  | { readonly namespace: string }
  /** Waits until the job is deployed with success. */
  | { readonly deployed: string }
  /** Waits until all of a job runs. */
  | { readonly running: string }
  /** Lets so many seconds pass in the demo. On a real agent the question is asked again until it is so. */
  | { readonly pass: number }
  | { readonly stop: string }
  /** Whoever scales group `api` of a job leaves a message, and a program facts of its own. */
  | { readonly scale: string; readonly to: number; readonly message: string; readonly meta?: object }
  | { readonly purge: string }
  | { readonly force: string }
  | { readonly dispatch: string; readonly meta?: Record<string, string> }
  /** Pauses the newest deployment of a job, or what schedules all jobs. */
  | { readonly pause: string }
  | { readonly pausesScheduling: boolean }
  /** A dynamic host volume; one of its name at a time. */
  | { readonly volume: string; readonly on: string; readonly access: string }
  | { readonly losesServer: string }
  | { readonly node: string; readonly becomes: "down" | "ready" | "drained" | "ineligible" };

/** Makes a job of the id that it is to have. */
export type Submitted = (id: string) => { readonly ID: string };

/** Does one thing to a cluster; what only the demo can do needs `demo`. */
export async function bringAbout(
  step: Step,
  nomad: Cluster,
  id: (name: string) => string,
  demo?: DemoCluster,
): Promise<void> {
  if ("submit" in step) await nomad.register(step.submit(id(step.as ?? "main")));
  else if ("file" in step) {
    const source = step.file(id("main"));
    const job = await nomad.ask<object>("POST", "/v1/jobs/parse", { body: { JobHCL: source, Canonicalize: false } });
    await nomad.register(job, { Submission: { Source: source, Format: "hcl2" } });
  } else if ("namespace" in step) await nomad.needNamespace(step.namespace);
  else if ("deployed" in step) await nomad.deployment(id(step.deployed), "successful");
  else if ("running" in step) await nomad.allocation(id(step.running), "running");
  else if ("volume" in step) await nomad.volume(step.volume, step.on, step.access);
  else if ("scale" in step) {
    const body = { Count: step.to, Target: { Group: "api" }, Message: step.message, Meta: step.meta };
    await nomad.ask("POST", `/v1/job/${id(step.scale)}/scale`, { body });
  } else if ("stop" in step) await nomad.stop(id(step.stop));
  else if ("purge" in step) await nomad.ask("DELETE", `/v1/job/${id(step.purge)}`, { query: { purge: true } });
  else if ("force" in step) await nomad.ask("POST", `/v1/job/${id(step.force)}/periodic/force`);
  else if ("dispatch" in step) {
    const body = { JobID: id(step.dispatch), Meta: step.meta ?? {} };
    await nomad.ask("POST", `/v1/job/${id(step.dispatch)}/dispatch`, { body });
  } else if ("pause" in step) {
    const { ID: DeploymentID } = await nomad.deployment(id(step.pause), "running");
    await nomad.ask("POST", `/v1/deployment/pause/${DeploymentID}`, { body: { DeploymentID, Pause: true } });
  } else if ("pausesScheduling" in step) {
    const body = { SchedulerAlgorithm: "binpack", PauseEvalBroker: step.pausesScheduling };
    await nomad.ask("PUT", "/v1/operator/scheduler/configuration", { body });
  } else if ("losesServer" in step) demo?.loseServer(step.losesServer);
  else if ("node" in step) {
    if (step.becomes === "drained") demo?.drainNode(step.node);
    else if (step.becomes === "ineligible") demo?.setEligibility(step.node, false);
    else demo?.setNodeStatus(step.node, step.becomes);
  }
}

/** A Nomad to which something has happened, and the id that a job's word stands for. */
export interface Scene {
  readonly address: string;
  readonly id: (word: string) => string;
}

/** What happens to a demo cluster before it is asked. */
export interface Happening {
  readonly happens?: readonly Step[];
  /** The demo's own jobs are there. */
  readonly seeded?: boolean;
  /** How many servers the demo has. */
  readonly servers?: number;
  /** What containers of the demo do. */
  readonly programs?: readonly Program[];
}

/** A demo cluster, in time of its own, to which it has happened; stopped with the test. */
export async function onDemo(
  name: string,
  { programs = [], seeded = false, servers = 1, happens = [] }: Happening,
): Promise<Scene> {
  const clock = virtualClock();
  const demo = await startDemoCluster({ clock, seed: 1, jobs: seeded, programs, servers });
  onTestFinished(() => demo.stop());
  const nomad = new Cluster(demo.address);
  const id = (word: string) => nomad.id(`${name}-${word}`);
  for (const step of happens) {
    if ("pass" in step) await clock.advance(step.pass * 1000);
    else await bringAbout(step, nomad, id, demo);
  }
  return { address: nomad.address, id };
}
