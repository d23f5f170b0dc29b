import { parameters } from "../../mcp/parameters.ts";
import { nodeId } from "../../nomad/nodes/find.ts";
import { nodeAnswer } from "../../nomad/nodes/node-text.ts";
import { seeNode } from "../../nomad/nodes/seen-node.ts";
import { defineTool } from "../context.ts";

export const getNodeStatus = defineTool({
  name: "get_node_status",
  title: "Node status",
  description:
    "One node's state, why it takes no work, what it has and what of that is taken, drivers, last events, allocations.",
  risk: "read",
  needs: ["node:read"],
  helps: ["read-job"],
  input: { node: parameters.node },
  async run({ node }, { nomad, signal }) {
    const seen = await seeNode(nomad, await nodeId(nomad, node), signal);
    return nodeAnswer(seen, nomad);
  },
});
