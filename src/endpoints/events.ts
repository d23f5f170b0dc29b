import type { TaskState } from "./allocations.ts";
import type { Deployment } from "./deployments.ts";
import { endpoint } from "./endpoint.ts";
import type { Evaluation } from "./evaluations.ts";
import type { Job } from "./job.ts";
import { readJob } from "./needs.ts";

export const events = {
  /** Lines of JSON: each what one entry of Nomad's log changed ({@link EventFrame}), or an empty object as a heartbeat. */
  stream: endpoint({
    method: "GET",
    path: "/v1/event/stream",
    reply: "bytes",
    needs: [readJob],
    reach: "namespace",
  }),
};

/** One line of the stream that is no heartbeat. */
export interface EventFrame {
  Index: number;
  Events: ClusterEvent[] | null;
}

/** A change of an object. Its time stands in the object only. */
export interface ClusterEvent {
  Topic: string;
  /** What brought it about, such as `PlanResult`; the events of one frame have the same. */
  Type: string;
  Key: string;
  Namespace: string;
  Index: number;
  /** The object as it is now, under the name of its kind. */
  Payload: {
    Job?: Pick<Job, "ID" | "Namespace" | "Status" | "Stop" | "Version" | "SubmitTime" | "ParentID">;
    /** True for a job that was purged. */
    Deleted?: boolean;
    Allocation?: EventAllocation;
    Evaluation?: Evaluation;
    Deployment?: Deployment;
    Node?: EventNode;
    Service?: { ServiceName: string; JobID: string; AllocID: string; Address: string; Port: number };
  } | null;
}

/** An allocation in an event: without its job, and without the fields that are empty. */
export interface EventAllocation {
  ID: string;
  Name: string;
  JobID: string;
  NodeID: string;
  NodeName?: string;
  ClientStatus: string;
  DesiredStatus: string;
  DesiredDescription?: string;
  PreviousAllocation?: string;
  DeploymentStatus?: { Healthy: boolean | null } | null;
  TaskStates?: Record<string, TaskState> | null;
  CreateIndex: number;
  ModifyTime: number;
}

/** A node in an event: whole, and without its secret. */
export interface EventNode {
  ID: string;
  Name: string;
  Status: string;
  SchedulingEligibility: string;
  Drain: boolean;
  /** Seconds since the epoch. */
  StatusUpdatedAt: number;
  /** The last ten, oldest first. */
  Events: { Message: string; Timestamp: string }[] | null;
}
