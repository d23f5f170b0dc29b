import { defineToolset } from "../context.ts";
import { getNodeStatus } from "./get-node-status.ts";
import { setNodeEligibility } from "./set-node-eligibility.ts";

export const nodes = defineToolset({
  name: "nodes",
  description: "Client nodes: whether they take work, what they have and what runs there; keep new work off one.",
  tools: [getNodeStatus, setNodeEligibility],
});
