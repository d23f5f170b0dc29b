import type { Network } from "./job-types.ts";

/** A driver on a node. */
export interface Driver {
  Attributes: Record<string, string>;
  Detected: boolean;
  Healthy: boolean;
  HealthDescription: string;
  UpdateTime: string | null;
}

/** How a node is emptied, while it is. The deadline (ns): 0 is none, less than that at once. */
export interface DrainStrategy {
  Deadline: number;
  ForceDeadline: string | null;
  IgnoreSystemJobs: boolean;
  StartedAt: string | null;
}

/** How a node was emptied last. */
export interface LastDrain {
  AccessorID: string;
  Meta: Record<string, string> | null;
  StartedAt: string;
  Status: "draining" | "complete" | "canceled";
  UpdatedAt: string;
}

/** A client. */
export interface Node {
  ID: string;
  Name: string;
  Datacenter: string;
  NodePool: string;
  NodeClass: string;
  ComputedClass: string;
  Attributes: Record<string, string>;
  Meta: Record<string, string>;
  Drivers: Record<string, Driver>;
  NodeResources: {
    Cpu: { CpuShares: number; [other: string]: unknown };
    Memory: { MemoryMB: number };
    Disk: { DiskMB: number };
    Networks: Network[];
    MinDynamicPort: number;
    MaxDynamicPort: number;
    [other: string]: unknown;
  };
  /** By name; those of the client's configuration have no id. */
  HostVolumes: Record<string, { Name: string; Path: string; ReadOnly: boolean; ID: string }>;
  Drain: boolean;
  DrainStrategy: DrainStrategy | null;
  LastDrain: LastDrain | null;
  SchedulingEligibility: "eligible" | "ineligible";
  Status: "ready" | "down";
  StatusDescription: string;
  StatusUpdatedAt: number;
  Events: Record<string, unknown>[];
  CreateIndex: number;
  ModifyIndex: number;
  [other: string]: unknown;
}
