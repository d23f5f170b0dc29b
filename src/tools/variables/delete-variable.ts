import { parameters } from "../../mcp/parameters.ts";
import { removeVariable } from "../../nomad/variables/change.ts";
import { deletedAnswer, previewText } from "../../nomad/variables/change-text.ts";
import { exactVariable } from "../../nomad/variables/find.ts";
import { readReaders } from "../../nomad/variables/readers.ts";
import { some } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const deleteVariable = defineTool({
  name: "delete_variable",
  title: "Delete a variable",
  description: "Delete a Nomad variable with all its keys. put_variable with unset removes single ones.",
  risk: "destructive",
  needs: ["variables:destroy", "variables:read"],
  helps: ["list-jobs", "read-job", "variables:list"],
  input: { path: parameters.path },
  async preview({ path }, { nomad, signal }) {
    const readers = await readReaders(nomad, path, signal);
    // Read last: a change that is sent upon this comes right behind it.
    const before = await exactVariable(nomad, path);
    const what = `Delete variable ${path} with ${some(Object.keys(before.Items ?? {}).toSorted(), 12)}`;
    return previewText(nomad, { what, path, before, readers });
  },
  async run({ path }, { nomad, signal }) {
    const before = await exactVariable(nomad, path);
    const readers = await readReaders(nomad, path, signal);
    await removeVariable(nomad, before);
    return deletedAnswer(nomad, before, readers);
  },
});
