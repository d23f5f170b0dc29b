import { defineToolset } from "../context.ts";
import { getAllocationStatus } from "./get-allocation-status.ts";
import { restartAllocation } from "./restart-allocation.ts";
import { restartAllocations } from "./restart-allocations.ts";
import { stopAllocation } from "./stop-allocation.ts";

export const allocations = defineToolset({
  name: "allocations",
  description: "The allocations of jobs: where they run and why they fail; restart or stop them.",
  tools: [getAllocationStatus, restartAllocation, restartAllocations, stopAllocation],
});
