import type { Job, TaskGroup } from "../state/job-types.ts";
import type { Node } from "../state/node-types.ts";
import type { Allocation, Deployment, DesiredUpdates } from "../state/types.ts";

/** An allocation to be placed. */
export interface Placement {
  name: string;
  group: TaskGroup;
  previous?: Allocation;
  /** It takes the place of one that failed. */
  reschedule?: boolean;
  /** The one before is stopped with these words once there is a place. */
  replaces?: string;
  /** It tries the new version out, beside the old one. */
  canary?: boolean;
  /** It runs the version before the one whose canaries wait. */
  older?: boolean;
}

/** An allocation to be stopped, and in which words. */
export interface Stop {
  alloc: Allocation;
  description: string;
  lost?: boolean;
}

/** What an evaluation of a service or batch job decides. */
export interface Decision {
  place: Placement[];
  destructive: Placement[];
  stop: Stop[];
  inplace: Allocation[];
  /** Failed allocations whose time has not come, and when it comes (ns). */
  later: { alloc: Allocation; at: number }[];
  desired: Record<string, DesiredUpdates>;
  /** The deployment that this version of the job is in, as far as it is known yet. */
  current: Deployment | undefined;
  /** The last deployment, where it is one of an older version, or over and done. */
  old: Deployment | undefined;
  /** A deployment to begin. */
  begin: Deployment | undefined;
  /** What becomes of the deployment that is there. */
  end: { deployment: Deployment; status: Deployment["Status"]; description: string } | undefined;
}

/** Why an allocation is stopped, in Nomad's words. */
export const STOPPED = {
  notNeeded: "alloc not needed due to job update",
  migrating: "alloc is being migrated",
  updating: "alloc is being updated due to job update",
  lost: "alloc is lost since its node is down",
  rescheduled: "alloc was rescheduled because it failed",
  tainted: "alloc not needed as node is tainted",
} as const;

/** Nothing is to be done to a group. */
export function noUpdates(): DesiredUpdates {
  return {
    Ignore: 0,
    Place: 0,
    Migrate: 0,
    Stop: 0,
    InPlaceUpdate: 0,
    DestructiveUpdate: 0,
    Canary: 0,
    Preemptions: 0,
    Disconnect: 0,
    Reconnect: 0,
    RescheduleNow: 0,
    RescheduleLater: 0,
  };
}

/** What the decision is made from. */
export interface Situation {
  job: Job | undefined;
  jobId: string;
  batch: boolean;
  evalId: string;
  now: number;
  allocs: readonly Allocation[];
  deployment: Deployment | undefined;
  nodes: ReadonlyMap<string, Node>;
  newDeployment: () => Deployment;
  /** The allocation as it runs on under the new job, or undefined where its node cannot have it so. */
  inPlace: (alloc: Allocation, group: TaskGroup) => Allocation | undefined;
}
