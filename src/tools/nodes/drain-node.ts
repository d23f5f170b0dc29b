import * as z from "zod";
import { nodes } from "../../endpoints/nodes.ts";
import { parameters } from "../../mcp/parameters.ts";
import { cancelDrain, drain, previewCancel, previewDrain } from "../../nomad/nodes/drain/drain.ts";
import type { DrainOrder } from "../../nomad/nodes/drain/order.ts";
import { exactNode } from "../../nomad/nodes/find.ts";
import { defineTool } from "../context.ts";

export const drainNode = defineTool({
  name: "drain_node",
  title: "Drain a node",
  description:
    "Move all work off a node, wait until it is empty, and tell what was lost; call again to wait on. Ask get_node_status drain_preview=true first.",
  risk: "destructive",
  needs: ["node:read", "node:write", "read-job"],
  idempotent: true,
  input: {
    node: parameters.node,
    deadline: z.int().min(0).max(2_592_000).optional().describe("Seconds until the rest is killed, usually 3600"),
    force: z.boolean().default(false).describe("Kill all now"),
    ignore_system_jobs: z.boolean().optional(),
    reason: z.string().max(500).optional(),
    cancel: z.boolean().default(false),
    wait_seconds: parameters.wait_seconds,
  },
  async preview(args, { nomad, signal }) {
    const found = await exactNode(nomad, args.node);
    if (!args.cancel) return await previewDrain(nomad, found, orderOf(args), signal);
    return previewCancel(nomad, await nomad.get(nodes.get, { node_id: found.ID }));
  },
  async run(args, { nomad, started, report }) {
    const node = await nomad.get(nodes.get, { node_id: (await exactNode(nomad, args.node)).ID });
    if (args.cancel) return await cancelDrain(nomad, node);
    return await drain(nomad, node, orderOf(args), { until: started + args.wait_seconds * 1000, report });
  },
});

function orderOf(args: {
  deadline?: number | undefined;
  force: boolean;
  ignore_system_jobs?: boolean | undefined;
  reason?: string | undefined;
}): DrainOrder {
  const { deadline, force, reason } = args;
  return { deadline, force, reason, keepSystem: args.ignore_system_jobs };
}
