import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { readAllocation } from "../../nomad/allocations/allocation.ts";
import { listFiles, most } from "../../nomad/allocations/files/list-files.ts";
import { defineTool } from "../context.ts";

export const listAllocationFiles = defineTool({
  name: "list_allocation_files",
  title: "List files of an allocation",
  description:
    "What is in a folder of an allocation: names, sizes, when changed. Its root has alloc and a folder a task.",
  risk: "read",
  needs: ["read-fs", "read-job"],
  openWorld: true,
  input: {
    allocation_id: parameters.allocation_id,
    folder: z.string().max(1024).default("/"),
    limit: parameters.limit(100, most),
  },
  async run({ allocation_id, folder, limit }, context) {
    const { nomad, allocation } = await readAllocation(context.nomad, allocation_id);
    return await listFiles(nomad, allocation, folder, limit);
  },
});
