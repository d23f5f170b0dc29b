import { defineToolset } from "../context.ts";
import { listAllocationFiles } from "./list-allocation-files.ts";
import { readAllocationFile } from "./read-allocation-file.ts";

export const files = defineToolset({
  name: "files",
  optIn: true,
  description: "Files in the folders of allocations: what there is, and the text of one.",
  tools: [listAllocationFiles, readAllocationFile],
});
