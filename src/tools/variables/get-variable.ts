import { parameters } from "../../mcp/parameters.ts";
import { findVariable } from "../../nomad/variables/find.ts";
import { readReaders } from "../../nomad/variables/readers.ts";
import { variableAnswer } from "../../nomad/variables/variable-text.ts";
import { defineTool } from "../context.ts";

export const getVariable = defineTool({
  name: "get_variable",
  title: "Variable",
  description:
    "A Nomad variable's keys, when it changed, which tasks read it; values only where this server shows them.",
  risk: "read",
  needs: ["variables:read"],
  helps: ["list-jobs", "read-job", "variables:list"],
  input: { path: parameters.path },
  async run({ path }, { nomad, showVariables, settingName, signal }) {
    const found = await findVariable(nomad, path);
    const readers = await readReaders(found.nomad, path, signal);
    return variableAnswer(found, readers, showVariables ? undefined : settingName("showVariables"));
  },
});
