import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { setEligibility } from "../../nomad/nodes/eligibility.ts";
import { exactNode } from "../../nomad/nodes/find.ts";
import { defineTool } from "../context.ts";

export const setNodeEligibility = defineTool({
  name: "set_node_eligibility",
  title: "Let a node take work, or not",
  description:
    "Keep new allocations off a node, or let it take them again; what runs there stays. Use it before and after maintenance.",
  risk: "write",
  needs: ["node:read", "node:write"],
  helps: ["read-job"],
  idempotent: true,
  input: { node: parameters.node, eligible: z.boolean() },
  async run({ node, eligible }, { nomad, signal }) {
    return await setEligibility(nomad, await exactNode(nomad, node), eligible, signal);
  },
});
