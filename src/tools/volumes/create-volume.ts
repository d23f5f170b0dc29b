import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { createVolume as create, thereAnswer } from "../../nomad/volumes/create.ts";
import { planVolume } from "../../nomad/volumes/plan.ts";
import { defineTool } from "../context.ts";

const accessModes = [
  "single-node-writer",
  "single-node-reader-only",
  "single-node-single-writer",
  "single-node-multi-writer",
] as const;

/** MiB: 95 TiB. */
const most = 100_000_000;

export const createVolume = defineTool({
  name: "create_volume",
  title: "Create a host volume",
  description:
    "Make a dynamic host volume on a node, an empty directory unless another plugin does it; wait until jobs can have it.",
  risk: "write",
  needs: ["host-volume-create", "csi-list-volume", "host-volume-read", "node:read"],
  helps: ["list-jobs"],
  plain: ["name", "node", "node_pool", "plugin", "capacity_min", "capacity_max", "access_mode", "wait_seconds"],
  input: {
    name: z.string().min(1).max(128),
    node: parameters.node.optional(),
    node_pool: z.string().max(128).optional(),
    plugin: z.string().max(128).default("mkdir"),
    capacity_min: z.int().min(0).max(most).optional().describe("MiB"),
    capacity_max: z.int().min(0).max(most).optional(),
    access_mode: z.enum(accessModes).default("single-node-writer"),
    parameters: z.record(z.string().max(128), z.string().max(1024)).optional().describe("mkdir: mode, uid, gid"),
    wait_seconds: parameters.wait_seconds,
  },
  async run(args, { nomad, note, signal, started, report }) {
    note({ secret: { parameters: "data" } }, { parameters: args.parameters ?? {} });
    const planned = await planVolume(nomad, args);
    if ("there" in planned) return await thereAnswer(nomad, planned);
    const waiting = { until: started + args.wait_seconds * 1000, report };
    return await create(nomad, args, planned.node, signal, waiting);
  },
});
