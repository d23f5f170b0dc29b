import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { readAllocation } from "../../nomad/allocations/allocation.ts";
import { fileAnswer } from "../../nomad/allocations/files/file-text.ts";
import { readFile } from "../../nomad/allocations/files/read-file.ts";
import { defineTool } from "../context.ts";

export const readAllocationFile = defineTool({
  name: "read_allocation_file",
  title: "Read a file of an allocation",
  description:
    "Text of a file in an allocation's folders, 16 KB at a time, or its last lines. For rendered templates and logs that tasks write themselves.",
  risk: "read",
  needs: ["read-fs", "read-job"],
  openWorld: true,
  input: {
    allocation_id: parameters.allocation_id,
    file: z.string().max(1024).describe("main/local/app.conf"),
    offset: z.int().min(0).default(0).describe("Bytes"),
    tail: z.int().min(1).max(500).optional().describe("Lines of its end"),
  },
  async run({ allocation_id, file, offset, tail }, context) {
    const { nomad, allocation } = await readAllocation(context.nomad, allocation_id);
    const wanted = tail === undefined ? { offset } : { tail };
    return fileAnswer(nomad, allocation, await readFile(nomad, allocation, file, wanted), tail !== undefined);
  },
});
