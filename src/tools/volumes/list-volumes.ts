import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { listVolumes as list } from "../../nomad/volumes/list.ts";
import { volumesAnswer } from "../../nomad/volumes/list-text.ts";
import { defineTool } from "../context.ts";

export const listVolumes = defineTool({
  name: "list_volumes",
  title: "List volumes",
  description:
    "Host volumes, dynamic and static, and CSI volumes: node, whether jobs can have them, who uses or claims them.",
  risk: "read",
  needs: ["csi-list-volume", "host-volume-read", "node:read"],
  input: {
    prefix: z.string().max(128).optional().describe("Of the name or id"),
    node: parameters.node.optional(),
    limit: parameters.limit(20, 50),
    cursor: parameters.cursor,
  },
  async run(args, { nomad, signal }) {
    return volumesAnswer(await list(nomad, args, signal));
  },
});
