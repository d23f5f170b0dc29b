import type { Clock } from "../clock.ts";
import type { Chance } from "../ids.ts";
import { idsBy } from "./by-owner.ts";
import type { Job, Submission } from "./job-types.ts";
import type { Node } from "./node-types.ts";
import type { Shelf, Shelves } from "./shelf.ts";
import type { Allocation, Deployment, Evaluation, JobSummary, SchedulerConfiguration } from "./types.ts";

/** What has an index of its own. */
export type Table =
  | "jobs"
  | "job_summary"
  | "evals"
  | "allocs"
  | "deployment"
  | "nodes"
  | "job_submission"
  | keyof Shelves;

/** One object that changed: its table, and the job it belongs to where it belongs to one. */
export interface Change {
  table: Table;
  id: string;
  job: string;
}

/** What the parts of the cluster listen to. Called after the write is done. */
export interface Listener {
  alloc?(alloc: Allocation, before: Allocation | undefined): void;
  evaluation?(evaluation: Evaluation): void;
  deployment?(deployment: Deployment): void;
  job?(job: Job | undefined, key: string): void;
  node?(node: Node): void;
  scheduler?(configuration: SchedulerConfiguration): void;
  changed?(changes: readonly Change[]): void;
}

/** Everything the servers know. Objects are replaced, never changed in place: an allocation keeps the job it was placed with. */
export interface Store {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly index: number;
  readonly tables: Record<Table, number>;
  readonly jobs: Map<string, Job>;
  /** Newest first, at most six. */
  readonly versions: Map<string, Job[]>;
  readonly submissions: Map<string, Map<number, Submission>>;
  readonly summaries: Map<string, JobSummary>;
  readonly evals: Map<string, Evaluation>;
  readonly allocs: Map<string, Allocation>;
  readonly deployments: Map<string, Deployment>;
  readonly nodes: Map<string, Node>;
  /** Replaced whole when it is changed. */
  scheduler: SchedulerConfiguration;
  /** What only is. */
  readonly shelf: Shelf;
  /** Nanoseconds now, later at each call. */
  stamp(): number;
  listen(listener: Listener): void;
  /** One Raft log entry: everything `change` puts gets its index; listeners hear of it afterwards. */
  write(change: (put: Put, index: number) => void): number;
}

/** The writes of one log entry. */
export interface Put {
  /** A new version unless `keep` says that only what the servers themselves keep in a job has changed. */
  job(job: Job, how?: { keep?: boolean; submission?: Submission | null }): Job;
  evaluation(evaluation: Evaluation): Evaluation;
  alloc(alloc: Allocation): Allocation;
  deployment(deployment: Deployment): Deployment;
  node(node: Node): Node;
  /** Deletes a node. */
  forget(node: Node): void;
  shelve<T extends keyof Shelves>(table: T, key: string, object: Shelves[T]): Shelves[T];
  unshelve(table: keyof Shelves, key: string): void;
  scheduler(configuration: Omit<SchedulerConfiguration, "CreateIndex" | "ModifyIndex">): void;
  summary(summary: JobSummary): void;
  /** Deletes the job and all but its evaluations. */
  purge(job: Job): void;
}

/** How a job is found: ids are unique within a namespace only. */
export function jobKey(namespace: string, id: string): string {
  return `${namespace}\0${id}`;
}

/** The allocations of a job, oldest first. */
export function allocsOf(store: Store, key: string): Allocation[] {
  const [namespace, id = ""] = key.split("\0");
  const ids = idsBy("JobID", store.tables.allocs, store.allocs).get(id) ?? [];
  return ids.flatMap((each) => store.allocs.get(each) ?? []).filter((alloc) => alloc.Namespace === namespace);
}

/** The newest deployment of a job. */
export function latestDeployment(store: Store, key: string): Deployment | undefined {
  let latest: Deployment | undefined;
  for (const deployment of store.deployments.values())
    if (jobKey(deployment.Namespace, deployment.JobID) === key)
      if (!latest || deployment.CreateIndex > latest.CreateIndex) latest = deployment;
  return latest;
}
