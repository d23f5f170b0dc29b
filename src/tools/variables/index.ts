import { defineToolset } from "../context.ts";
import { deleteVariable } from "./delete-variable.ts";
import { getVariable } from "./get-variable.ts";
import { listVariables } from "./list-variables.ts";
import { putVariable } from "./put-variable.ts";

export const variables = defineToolset({
  name: "variables",
  description:
    "Nomad variables, which templates of jobs read: which there are, their keys, who reads them; set single keys.",
  tools: [listVariables, getVariable, putVariable, deleteVariable],
});
