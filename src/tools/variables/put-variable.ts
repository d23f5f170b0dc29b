import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { changesNothing, planChange, storeChange } from "../../nomad/variables/change.ts";
import { changeWords, previewText, sameAnswer, storedAnswer } from "../../nomad/variables/change-text.ts";
import { readReaders } from "../../nomad/variables/readers.ts";
import { defineTool } from "../context.ts";

export const putVariable = defineTool({
  name: "put_variable",
  title: "Set keys of a variable",
  description:
    "Set or unset single keys of a Nomad variable, or make it; other keys stay. Tells which tasks read it and restart.",
  risk: "destructive",
  needs: ["variables:read", "variables:write"],
  helps: ["list-jobs", "read-job", "variables:list"],
  idempotent: true,
  plain: ["path", "unset"],
  input: {
    path: parameters.path,
    set: z.record(z.string().max(1024), z.string().max(65_536)).default({}),
    unset: z.array(z.string().max(1024)).default([]),
  },
  async preview(asked, { nomad, note, signal }) {
    note({ secret: { set: "data" } }, { set: asked.set });
    const { path } = asked;
    const readers = await readReaders(nomad, path, signal);
    // Read last: a change that is sent upon this comes right behind it.
    const planned = await planChange(nomad, asked);
    const what = changesNothing(planned)
      ? `${path} is so already: nothing would be changed`
      : `In ${path}, ${changeWords(planned)}`;
    return previewText(nomad, { what, path, before: planned.before, readers });
  },
  async run(asked, { nomad, note, signal }) {
    note({ secret: { set: "data" } }, { set: asked.set });
    const planned = await planChange(nomad, asked);
    if (changesNothing(planned)) return sameAnswer(nomad, planned);
    const readers = await readReaders(nomad, asked.path, signal);
    const { ModifyIndex } = await storeChange(nomad, planned);
    return storedAnswer(nomad, planned, ModifyIndex, readers);
  },
});
