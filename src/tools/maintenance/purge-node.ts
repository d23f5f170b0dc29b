import { parameters } from "../../mcp/parameters.ts";
import { exactNode } from "../../nomad/nodes/find.ts";
import { previewPurge, purgeNode as purge, readPurge } from "../../nomad/nodes/purge.ts";
import { defineTool } from "../context.ts";

export const purgeNode = defineTool({
  name: "purge_node",
  title: "Purge a node",
  description: "Have the servers forget a node that is down and never returns. Tells what was lost with it.",
  risk: "destructive",
  needs: ["node:read", "node:write"],
  helps: ["csi-list-volume", "host-volume-read", "read-job"],
  input: { node: parameters.node },
  async preview({ node }, { nomad, signal }) {
    return previewPurge(nomad, await readPurge(nomad, (await exactNode(nomad, node)).ID, signal));
  },
  async run({ node }, { nomad, signal }) {
    return await purge(nomad, await readPurge(nomad, (await exactNode(nomad, node)).ID, signal));
  },
});
