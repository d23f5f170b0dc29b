import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { listServices as list } from "../../nomad/services/list.ts";
import { servicesAnswer } from "../../nomad/services/list-text.ts";
import { defineTool } from "../context.ts";

export const listServices = defineTool({
  name: "list_services",
  title: "List services",
  description:
    "Services of Nomad's own provider: where each answers, node, job, which checks fail. name or job_id: every instance.",
  risk: "read",
  needs: ["read-job"],
  helps: ["list-jobs"],
  openWorld: true,
  input: {
    name: z.string().max(512).optional(),
    job_id: parameters.job_id.optional(),
    limit: parameters.limit(15, 50),
    cursor: parameters.cursor,
  },
  async run(args, { nomad, signal }) {
    return servicesAnswer(await list(nomad, args, signal));
  },
});
