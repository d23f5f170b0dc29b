import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { drainPreviewAnswer } from "../../nomad/nodes/drain/preview-text.ts";
import { nodeId } from "../../nomad/nodes/find.ts";
import { nodeAnswer } from "../../nomad/nodes/node-text.ts";
import { judgeNode } from "../../nomad/nodes/seen-node.ts";
import { defineTool } from "../context.ts";

export const getNodeStatus = defineTool({
  name: "get_node_status",
  title: "Node status",
  description:
    "One node: why it takes no work, free and total room, drivers, devices, volumes, drain so far, events, allocations. drain_preview=true: what a drain would break.",
  risk: "read",
  needs: ["node:read"],
  helps: ["list-jobs", "read-job"],
  input: { node: parameters.node, drain_preview: z.boolean().default(false) },
  async run({ node, drain_preview }, { nomad, signal }) {
    const id = await nodeId(nomad, node);
    return drain_preview
      ? await drainPreviewAnswer(nomad, id, signal)
      : nodeAnswer(await judgeNode(nomad, id, signal), nomad);
  },
});
