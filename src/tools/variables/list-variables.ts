import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { listVariables as list } from "../../nomad/variables/list.ts";
import { variablesAnswer } from "../../nomad/variables/variable-text.ts";
import { defineTool } from "../context.ts";

export const listVariables = defineTool({
  name: "list_variables",
  title: "List variables",
  description:
    "Nomad variables: paths and when they changed, without keys or values. nomad/jobs/<job_id> is a job's own.",
  risk: "read",
  needs: ["variables:list"],
  input: {
    prefix: z.string().max(128).optional(),
    limit: parameters.limit(50, 200),
    cursor: parameters.cursor,
  },
  async run(args, { nomad }) {
    return variablesAnswer(await list(nomad, args));
  },
});
