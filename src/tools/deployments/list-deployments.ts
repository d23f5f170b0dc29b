import { parameters } from "../../mcp/parameters.ts";
import { listDeployments as list } from "../../nomad/deployments/list.ts";
import { deploymentsAnswer } from "../../nomad/deployments/list-text.ts";
import { defineTool } from "../context.ts";

export const listDeployments = defineTool({
  name: "list_deployments",
  title: "List deployments",
  description:
    "What is rolling out, how far it is, and which of it waits for a person; by job_id, all kept ones of a job.",
  risk: "read",
  needs: ["read-job"],
  helps: ["list-jobs"],
  input: {
    job_id: parameters.job_id.optional(),
    limit: parameters.limit(25, 100),
    cursor: parameters.cursor,
  },
  async run(args, { nomad }) {
    return deploymentsAnswer(await list(nomad, args), args.job_id);
  },
});
