import { isParameterized, type Job, type Resources } from "./job-types.ts";
import type { Node } from "./node-types.ts";
import type { Allocation, Evaluation } from "./types.ts";

/** Drops what is empty, as Nomad's encoder does for evaluations and allocations. */
function withoutEmpty(object: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => {
      if (value === null || value === undefined || value === "" || value === 0 || value === false) return false;
      return !(typeof value === "object" && Object.keys(value).length === 0);
    }),
  );
}

/** An evaluation as it is sent. */
export function evaluationReply(evaluation: Evaluation): Record<string, unknown> {
  return withoutEmpty(evaluation);
}

/** An evaluation in another's list of relatives. */
export function evaluationStub(evaluation: Evaluation): Record<string, unknown> {
  const { ID, Namespace, Priority, Type, TriggeredBy, JobID, NodeID, DeploymentID, Status, StatusDescription } =
    evaluation;
  const { WaitUntil, NextEval, PreviousEval, BlockedEval, CreateIndex, ModifyIndex, CreateTime, ModifyTime } =
    evaluation;
  return {
    ...{ ID, Namespace, Priority, Type, TriggeredBy, JobID, NodeID, DeploymentID, Status, StatusDescription },
    ...{ WaitUntil, NextEval, PreviousEval, BlockedEval, CreateIndex, ModifyIndex, CreateTime, ModifyTime },
  };
}

/** Resources of nothing, but for what is said. */
export const resources = (more: Partial<Resources> = {}): Resources => ({
  CPU: 0,
  Cores: 0,
  MemoryMB: 0,
  MemoryMaxMB: 0,
  DiskMB: 0,
  IOPS: 0,
  Networks: null,
  Devices: null,
  NUMA: null,
  SecretsMB: 0,
  ...more,
});

/** The ways in which Nomad used to say what an allocation has: still sent. */
function oldResources({ AllocatedResources: { Tasks, Shared } }: Allocation): Record<string, unknown> {
  const TaskResources = Object.fromEntries(
    Object.entries(Tasks).map(([name, task]) => [
      name,
      resources({ CPU: task.Cpu.CpuShares, MemoryMB: task.Memory.MemoryMB }),
    ]),
  );
  const sum = (key: "CPU" | "MemoryMB") => Object.values(TaskResources).reduce((all, one) => all + one[key], 0);
  const shared = { DiskMB: Shared.DiskMB, Networks: Shared.Networks };
  const memory = sum("MemoryMB");
  return {
    TaskResources,
    SharedResources: resources(shared),
    Resources: resources({ ...shared, CPU: sum("CPU"), MemoryMB: memory, MemoryMaxMB: memory }),
  };
}

/** A whole allocation. */
export function allocationReply(alloc: Allocation): Record<string, unknown> {
  const { DesiredTransition, ...rest } = alloc;
  const asked = Object.values(DesiredTransition).some((value) => value !== null);
  return { ...withoutEmpty(rest), ...oldResources(alloc), ...(asked ? { DesiredTransition } : {}) };
}

/** An allocation in a list. */
export function allocationStub(
  alloc: Allocation,
  fields = { resources: false, taskStates: true },
): Record<string, unknown> {
  return {
    ID: alloc.ID,
    EvalID: alloc.EvalID,
    Name: alloc.Name,
    Namespace: alloc.Namespace,
    NodeID: alloc.NodeID,
    NodeName: alloc.NodeName,
    JobID: alloc.JobID,
    JobType: alloc.Job.Type,
    JobVersion: alloc.Job.Version,
    TaskGroup: alloc.TaskGroup,
    ...(fields.resources ? { AllocatedResources: alloc.AllocatedResources } : {}),
    DesiredStatus: alloc.DesiredStatus,
    DesiredDescription: alloc.DesiredDescription,
    ClientStatus: alloc.ClientStatus,
    ClientDescription: alloc.ClientDescription,
    DesiredTransition: alloc.DesiredTransition,
    TaskStates: fields.taskStates ? alloc.TaskStates : null,
    DeploymentStatus: alloc.DeploymentStatus,
    FollowupEvalID: alloc.FollowupEvalID,
    NextAllocation: alloc.NextAllocation,
    RescheduleTracker: alloc.RescheduleTracker,
    PreemptedAllocations: alloc.PreemptedAllocations,
    PreemptedByAllocation: alloc.PreemptedByAllocation,
    CreateIndex: alloc.CreateIndex,
    ModifyIndex: alloc.ModifyIndex,
    CreateTime: alloc.CreateTime,
    ModifyTime: alloc.ModifyTime,
  };
}

/** A job in a list. */
export function jobStub(job: Job, summary: unknown, meta: boolean): Record<string, unknown> {
  return {
    ID: job.ID,
    ParentID: job.ParentID,
    Name: job.Name,
    Namespace: job.Namespace,
    Datacenters: job.Datacenters,
    NodePool: job.NodePool,
    Multiregion: null,
    Type: job.Type,
    Priority: job.Priority,
    Periodic: job.Periodic !== null,
    ParameterizedJob: isParameterized(job),
    Stop: job.Stop,
    Status: job.Status,
    StatusDescription: job.StatusDescription,
    JobSummary: summary ?? null,
    CreateIndex: job.CreateIndex,
    ModifyIndex: job.ModifyIndex,
    JobModifyIndex: job.JobModifyIndex,
    SubmitTime: job.SubmitTime,
    ...(meta && job.Meta ? { Meta: job.Meta } : {}),
  };
}

/** A node in a list. */
export function nodeStub(node: Node, withResources: boolean, withOs: boolean): Record<string, unknown> {
  return {
    Address: String(node.HTTPAddr).split(":")[0],
    ID: node.ID,
    ...(withOs ? { Attributes: { "os.name": node.Attributes["os.name"] } } : {}),
    Datacenter: node.Datacenter,
    Name: node.Name,
    NodePool: node.NodePool,
    NodeClass: node.NodeClass,
    Version: node.Attributes["nomad.version"],
    Drain: node.Drain,
    SchedulingEligibility: node.SchedulingEligibility,
    Status: node.Status,
    StatusDescription: node.StatusDescription,
    Drivers: node.Drivers,
    HostVolumes: node.HostVolumes,
    ...(withResources ? { NodeResources: node.NodeResources, ReservedResources: node.ReservedResources } : {}),
    LastDrain: node.LastDrain,
    CreateIndex: node.CreateIndex,
    ModifyIndex: node.ModifyIndex,
  };
}
