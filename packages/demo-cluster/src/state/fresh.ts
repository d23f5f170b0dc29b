import type { Chance } from "../ids.ts";
import type { Job } from "./job-types.ts";
import type { Node } from "./node-types.ts";
import type { Store } from "./store.ts";
import type { AllocatedResources, Allocation, Deployment, DesiredTransition, Evaluation, Metric } from "./types.ts";

/** A pending evaluation of a job; what is not said is empty. */
export function newEvaluation(
  store: Store,
  job: Pick<Job, "ID" | "Namespace" | "Priority" | "Type">,
  trigger: string,
  more: Partial<Evaluation> = {},
): Evaluation {
  const now = store.stamp();
  return {
    ID: store.chance.uuid(),
    Namespace: job.Namespace,
    Priority: job.Priority,
    Type: job.Type,
    TriggeredBy: trigger,
    JobID: job.ID,
    JobModifyIndex: 0,
    NodeID: "",
    NodeModifyIndex: 0,
    DeploymentID: "",
    Status: "pending",
    StatusDescription: "",
    WaitUntil: null,
    NextEval: "",
    PreviousEval: "",
    BlockedEval: "",
    FailedTGAllocs: null,
    PlanAnnotations: null,
    ClassEligibility: null,
    EscapedComputedClass: false,
    AnnotatePlan: false,
    QueuedAllocations: null,
    SnapshotIndex: 0,
    CreateIndex: 0,
    ModifyIndex: 0,
    CreateTime: now,
    ModifyTime: now,
    ...more,
  };
}

/** A deployment of a version of a job, with no groups yet. */
export function newDeployment(store: Store, job: Job, now: number): Deployment {
  return {
    ID: store.chance.uuid(),
    Namespace: job.Namespace,
    JobID: job.ID,
    JobVersion: job.Version,
    JobModifyIndex: job.ModifyIndex,
    JobSpecModifyIndex: job.JobModifyIndex,
    JobCreateIndex: job.CreateIndex,
    IsMultiregion: false,
    TaskGroups: {},
    Status: "running",
    StatusDescription: "Deployment is running",
    EvalPriority: job.Priority,
    CreateIndex: 0,
    ModifyIndex: 0,
    CreateTime: now,
    ModifyTime: 0,
  };
}

/** Nobody has asked an allocation for anything. */
const NO_TRANSITION: DesiredTransition = {
  Migrate: null,
  Reschedule: null,
  ForceReschedule: null,
  NoShutdownDelay: null,
  MigrateDisablePlacement: null,
};

/** An allocation as it is on the day it is placed. */
export function newAllocation(
  chance: Chance,
  job: Job,
  evalId: string,
  name: string,
  group: string,
  node: Node,
  resources: AllocatedResources,
  metric: Metric,
  now: number,
): Allocation {
  return {
    ID: chance.uuid(),
    Namespace: job.Namespace,
    EvalID: evalId,
    Name: name,
    NodeID: node.ID,
    NodeName: node.Name,
    JobID: job.ID,
    Job: job,
    TaskGroup: group,
    AllocatedResources: resources,
    Metrics: metric,
    DesiredStatus: "run",
    DesiredDescription: "",
    DesiredTransition: NO_TRANSITION,
    ClientStatus: "pending",
    ClientDescription: "",
    TaskStates: null,
    PreviousAllocation: "",
    NextAllocation: "",
    DeploymentID: "",
    DeploymentStatus: null,
    RescheduleTracker: null,
    NetworkStatus: null,
    FollowupEvalID: "",
    PreemptedAllocations: null,
    PreemptedByAllocation: "",
    SigningKeyID: String(node.IdentitySigningKeyID ?? ""),
    CreateIndex: 0,
    ModifyIndex: 0,
    AllocModifyIndex: 0,
    CreateTime: now,
    ModifyTime: now,
  };
}
