import { defineToolset } from "../context.ts";
import { drainNode } from "./drain-node.ts";
import { getNodeStatus } from "./get-node-status.ts";
import { listNodes } from "./list-nodes.ts";
import { setNodeEligibility } from "./set-node-eligibility.ts";

export const nodes = defineToolset({
  name: "nodes",
  description:
    "Client nodes: whether they take work, what is free and what runs there; keep new work off one, or empty it.",
  tools: [listNodes, getNodeStatus, setNodeEligibility, drainNode],
});
