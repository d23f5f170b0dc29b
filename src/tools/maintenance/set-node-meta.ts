import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { exactNode } from "../../nomad/nodes/find.ts";
import { setMetadata } from "../../nomad/nodes/metadata.ts";
import { defineTool } from "../context.ts";

export const setNodeMeta = defineTool({
  name: "set_node_meta",
  title: "Set a node's metadata",
  description:
    "Set or unset single keys of a node's dynamic metadata; others stay. Tells which jobs are placed by them.",
  risk: "write",
  needs: ["node:read", "node:write"],
  helps: ["list-jobs"],
  idempotent: true,
  input: {
    node: parameters.node,
    set: z.record(z.string().max(256), z.string().max(4096)).default({}),
    unset: z.array(z.string().max(256)).default([]),
    wait_seconds: parameters.wait_seconds,
  },
  async run({ node, set, unset, wait_seconds }, { nomad, signal, started, report }) {
    const waiting = { until: started + wait_seconds * 1000, report };
    return await setMetadata(nomad, await exactNode(nomad, node), { set, unset }, signal, waiting);
  },
});
