import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { exactAllocation } from "../../nomad/allocations/allocation.ts";
import { isSignalOrder, lastOrder } from "../../nomad/allocations/orders.ts";
import { previewAllocation } from "../../nomad/allocations/preview.ts";
import { requireSignalable, sendSignal, signals } from "../../nomad/allocations/signal.ts";
import { called } from "../../nomad/allocations/words.ts";
import { defineTool } from "../context.ts";

export const signalAllocation = defineTool({
  name: "signal_allocation",
  title: "Send a signal",
  description:
    "Send a signal to one task of an allocation, or to all that run, and tell whether they run on. For what reloads on SIGHUP.",
  risk: "destructive",
  needs: ["alloc-lifecycle", "read-job"],
  openWorld: true,
  input: {
    allocation_id: parameters.allocation_id,
    signal: z.enum(signals),
    task: z.string().max(128).optional(),
    wait_seconds: z.int().min(0).max(45).default(3),
  },
  async preview({ allocation_id, signal, task, namespace }, call) {
    const { nomad, allocation } = await exactAllocation(call.nomad, allocation_id, namespace);
    requireSignalable(nomad, allocation, task);
    const what = `Send ${signal} to ${task === undefined ? "all tasks of " : `task ${task} of `}${called(allocation)} of ${allocation.JobID}`;
    const { text, stamp } = previewAllocation(nomad, allocation, what);
    return { text, stamp: `${stamp} ${lastOrder([allocation], isSignalOrder)}` };
  },
  async run({ allocation_id, signal, task, namespace, wait_seconds }, call) {
    const { nomad, allocation } = await exactAllocation(call.nomad, allocation_id, namespace);
    const waiting = { until: call.started + wait_seconds * 1000, report: call.report };
    return await sendSignal(nomad, allocation, { signal, task }, waiting);
  },
});
