import * as z from "zod";
import { Refusal } from "../../api/errors/refusal.ts";
import { parameters } from "../../mcp/parameters.ts";
import { unlessOff } from "../../nomad/acl/acl-off.ts";
import { explainPolicy, explainRole, explainToken } from "../../nomad/acl/explain.ts";
import { overviewAnswer } from "../../nomad/acl/overview-text.ts";
import { readOverview } from "../../nomad/acl/read-acl.ts";
import { defineTool } from "../context.ts";

export const listAcl = defineTool({
  name: "list_acl",
  title: "Who may do what",
  description:
    "List ACL policies, roles, tokens without their secrets, and logins; or tell what the holder of one policy, role or token may do.",
  risk: "read",
  needs: [],
  helps: ["management"],
  input: {
    policy: z.string().max(128).optional(),
    role: z.string().max(128).optional(),
    accessor: z.string().max(256).optional().describe("A token's accessor id, or name"),
    limit: parameters.limit(25, 100),
    cursor: parameters.cursor,
  },
  async run({ policy, role, accessor, limit, cursor }, { nomad }) {
    const asked = [policy, role, accessor].filter((each) => each !== undefined);
    if (asked.length > 1) throw new Refusal("One policy, role or token is told of at a time.");
    if (policy !== undefined) return await unlessOff(explainPolicy(nomad, policy));
    if (role !== undefined) return await unlessOff(explainRole(nomad, role));
    if (accessor !== undefined) return await unlessOff(explainToken(nomad, accessor));
    const overview = async () => overviewAnswer(nomad, await readOverview(nomad, { limit, cursor }), cursor);
    return await unlessOff(overview());
  },
});
