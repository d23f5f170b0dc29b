import { defineToolset } from "../context.ts";
import { getNodeStatus } from "./get-node-status.ts";

export const nodes = defineToolset({
  name: "nodes",
  description: "Inspect the client nodes: whether they take work, what they have and what runs there.",
  tools: [getNodeStatus],
});
