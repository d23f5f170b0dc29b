import { allocations } from "./allocations/index.ts";
import { jobs } from "./jobs/index.ts";

/** Every toolset, in the order in which hosts see them. */
export const toolsets = [jobs, allocations];
