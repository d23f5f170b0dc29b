import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { listNodes as list } from "../../nomad/nodes/node-list.ts";
import { askedFilter } from "../../nomad/shared/asked-filter.ts";
import { defineTool } from "../context.ts";

export const listNodes = defineTool({
  name: "list_nodes",
  title: "List nodes",
  description:
    "List nodes: which take work and why others do not, free and total memory and CPU, allocations. For where there is room.",
  risk: "read",
  needs: ["node:read"],
  helps: ["read-job"],
  input: {
    filter: z.string().max(4096).optional().describe('Nomad expression: NodePool == "gpu"'),
    only_trouble: z.boolean().default(false),
    limit: parameters.limit(25, 100),
    cursor: parameters.cursor,
  },
  async run({ filter, only_trouble, limit, cursor }, { nomad, signal }) {
    return await list(
      nomad,
      { filter: askedFilter(filter, "nodes"), onlyTrouble: only_trouble, limit, cursor },
      signal,
    );
  },
});
