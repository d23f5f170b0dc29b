export type { ClusterEvent, EventAllocation, EventFrame, EventNode } from "../endpoints/events.ts";
