import type { Job } from "./job-types.ts";
import type { Node } from "./node-types.ts";
import { jobKey, type Store } from "./store.ts";
import type { Allocation, Deployment, Evaluation } from "./types.ts";
import { allocationReply, evaluationReply } from "./wire.ts";

/** One event, as it is sent. */
export interface Event {
  Topic: "Job" | "Allocation" | "Evaluation" | "Deployment" | "Node";
  Type: string;
  Key: string;
  Namespace: string;
  FilterKeys: string[] | null;
  Index: number;
  Payload: object;
}

/** What one log entry changed. */
export interface Frame {
  Index: number;
  Events: Event[];
}

/** The last log entries as events, and who is told of the next ones. */
export interface EventBuffer {
  /** Oldest first. */
  readonly frames: readonly Frame[];
  /** Gives what takes the listener back. */
  listen(listener: (frame: Frame) => void): () => void;
}

/** Nomad's `event_buffer_size`. */
const KEPT = 100;

type Change =
  | { job: Job; deleted: boolean }
  | { alloc: Allocation; before: Allocation | undefined }
  | { evaluation: Evaluation }
  | { deployment: Deployment }
  | { node: Node };

/** Keeps what changes from now on. */
export function startEvents(store: Store): EventBuffer {
  const frames: Frame[] = [];
  const listeners = new Set<(frame: Frame) => void>();
  const pending = new Map<number, Change[]>();
  const jobs = new Map<string, Job>();
  const add = (index: number, change: Change) => pending.set(index, [...(pending.get(index) ?? []), change]);
  store.listen({
    job(job, key) {
      const known = job ?? jobs.get(key);
      if (job) jobs.set(jobKey(job.Namespace, job.ID), job);
      if (known) add(job?.ModifyIndex ?? store.index, { job: known, deleted: job === undefined });
    },
    alloc: (alloc, before) => add(alloc.ModifyIndex, { alloc, before }),
    evaluation: (evaluation) => add(evaluation.ModifyIndex, { evaluation }),
    deployment: (deployment) => add(deployment.ModifyIndex, { deployment }),
    node: (node) => add(node.ModifyIndex, { node }),
    changed() {
      // what a listener wrote meanwhile is done before what it heard of
      for (const [Index, changes] of [...pending].sort(([a], [b]) => a - b)) {
        const frame = { Index, Events: eventsOf(store, Index, changes) };
        frames.push(frame);
        if (frames.length > KEPT) frames.shift();
        for (const listener of listeners) listener(frame);
      }
      pending.clear();
    },
  });
  return {
    frames,
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function eventsOf(store: Store, Index: number, changes: readonly Change[]): Event[] {
  const Type = typeOf(Index, changes);
  const events = changes.map((change): Event => {
    if ("job" in change) {
      const { job, deleted } = change;
      const Payload = deleted ? { Deleted: true, Job: job } : { Job: job };
      return { Topic: "Job", Type, Key: job.ID, Namespace: job.Namespace, FilterKeys: null, Index, Payload };
    }
    if ("alloc" in change) {
      const { Job: _, ...Allocation } = allocationReply(change.alloc);
      const { ID: Key, Namespace, JobID, DeploymentID } = change.alloc;
      return {
        Topic: "Allocation",
        Type,
        Key,
        Namespace,
        FilterKeys: [JobID, DeploymentID],
        Index,
        Payload: { Allocation },
      };
    }
    if ("evaluation" in change) {
      const { ID: Key, Namespace, JobID, DeploymentID } = change.evaluation;
      const Payload = { Evaluation: evaluationReply(change.evaluation) };
      return { Topic: "Evaluation", Type, Key, Namespace, FilterKeys: [JobID, DeploymentID], Index, Payload };
    }
    if ("deployment" in change) {
      const { ID: Key, Namespace, JobID } = change.deployment;
      const Payload = { Deployment: change.deployment };
      return { Topic: "Deployment", Type, Key, Namespace, FilterKeys: [JobID], Index, Payload };
    }
    return nodeEvent(change.node, Type, Index);
  });
  if (Type !== "AllocationUpdated") return events;
  // a client's report changes what its node says of itself, too
  const nodes = new Set(changes.flatMap((change) => ("alloc" in change ? [change.alloc.NodeID] : [])));
  const reported = [...nodes].flatMap((id) => store.nodes.get(id) ?? []);
  return [...events, ...reported.map((node) => nodeEvent(node, Type, Index))];
}

function nodeEvent(node: Node, Type: string, Index: number): Event {
  return { Topic: "Node", Type, Key: node.ID, Namespace: "", FilterKeys: null, Index, Payload: { Node: node } };
}

/** What kind of log entry it was: all its events are of that type. */
function typeOf(index: number, changes: readonly Change[]): string {
  for (const change of changes) {
    if ("node" in change) {
      if (change.node.CreateIndex === index) return "NodeRegistration";
      const last = String(change.node.Events.at(-1)?.Message);
      if (last.startsWith("Node drain ")) return "NodeDrain";
      return last.startsWith("Node marked as ") ? "NodeEligibility" : "NodeStreamEvent";
    }
    if (!("job" in change)) continue;
    if (change.deleted || (change.job.Stop && change.job.JobModifyIndex === index)) return "JobDeregistered";
    if (change.job.JobModifyIndex === index) return "JobRegistered";
  }
  const allocs = changes.flatMap((change) => ("alloc" in change ? [change] : []));
  if (allocs.some(({ alloc, before }) => alloc.DesiredStatus !== before?.DesiredStatus)) return "PlanResult";
  if (allocs.length > 0) return "AllocationUpdated";
  if (changes.every((change) => "deployment" in change)) return "DeploymentStatusUpdate";
  return "EvaluationUpdated";
}
