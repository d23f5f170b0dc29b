import { parameters } from "../../mcp/parameters.ts";
import { exactAllocation } from "../../nomad/allocations/allocation.ts";
import { previewAllocation } from "../../nomad/allocations/preview.ts";
import { afterStop, stopAllocation as stop } from "../../nomad/allocations/stop.ts";
import { called } from "../../nomad/allocations/words.ts";
import { defineTool } from "../context.ts";

export const stopAllocation = defineTool({
  name: "stop_allocation",
  title: "Stop an allocation",
  description:
    "Stop one allocation, so that the scheduler places another one in its stead, and tell what came of that. For one that hangs or is on a bad node.",
  risk: "destructive",
  needs: ["alloc-lifecycle", "read-job"],
  helps: ["list-jobs", "node:read", "operator:read", "read-logs"],
  idempotent: true,
  openWorld: true,
  input: { allocation_id: parameters.allocation_id, wait_seconds: parameters.wait_seconds },
  async preview({ allocation_id, namespace }, call) {
    const { nomad, allocation } = await exactAllocation(call.nomad, allocation_id, namespace);
    const what = `Stop ${called(allocation)} of ${allocation.JobID}`;
    return previewAllocation(nomad, allocation, what, `  then: ${afterStop(allocation)}`);
  },
  async run({ allocation_id, namespace, wait_seconds }, call) {
    const { nomad, allocation } = await exactAllocation(call.nomad, allocation_id, namespace);
    return await stop(nomad, allocation, { until: call.started + wait_seconds * 1000, report: call.report });
  },
});
