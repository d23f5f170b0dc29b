import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { exactAllocation } from "../../nomad/allocations/allocation.ts";
import { isRestartOrder, lastOrder } from "../../nomad/allocations/orders.ts";
import { previewAllocation } from "../../nomad/allocations/preview.ts";
import { requireRestartable, restartedPart, restartInPlace } from "../../nomad/allocations/restart-in-place.ts";
import { called } from "../../nomad/allocations/words.ts";
import { defineTool } from "../context.ts";

export const restartAllocation = defineTool({
  name: "restart_allocation",
  title: "Restart an allocation",
  description:
    "Restart the running tasks of one allocation where it is, or one task, and tell whether it runs again. For a process that hangs.",
  risk: "destructive",
  needs: ["alloc-lifecycle", "read-job"],
  openWorld: true,
  input: {
    allocation_id: parameters.allocation_id,
    task: z.string().max(128).optional(),
    all_tasks: z.boolean().default(false).describe("Ended ones, too"),
    wait_seconds: parameters.wait_seconds,
  },
  async preview({ allocation_id, task, all_tasks, namespace }, call) {
    const { nomad, allocation } = await exactAllocation(call.nomad, allocation_id, namespace);
    const restart = { task, allTasks: all_tasks };
    requireRestartable(nomad, allocation, restart);
    const what = `Restart ${restartedPart(restart)}${called(allocation)} of ${allocation.JobID}`;
    const { text, stamp } = previewAllocation(nomad, allocation, what);
    return { text, stamp: `${stamp} ${lastOrder([allocation], isRestartOrder)}` };
  },
  async run({ allocation_id, task, all_tasks, namespace, wait_seconds }, call) {
    const { nomad, allocation } = await exactAllocation(call.nomad, allocation_id, namespace);
    const waiting = { until: call.started + wait_seconds * 1000, report: call.report };
    return await restartInPlace(nomad, allocation, { task, allTasks: all_tasks }, waiting);
  },
});
