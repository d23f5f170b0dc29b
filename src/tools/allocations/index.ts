import { defineToolset } from "../context.ts";
import { getAllocationStatus } from "./get-allocation-status.ts";

export const allocations = defineToolset({
  name: "allocations",
  description: "Inspect the allocations of jobs: where they run and why they fail.",
  tools: [getAllocationStatus],
});
