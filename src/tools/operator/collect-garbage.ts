import { parameters } from "../../mcp/parameters.ts";
import { collect, previewCollection } from "../../nomad/cluster/garbage/collect.ts";
import { readGarbage } from "../../nomad/cluster/garbage/garbage.ts";
import { defineTool } from "../context.ts";

export const collectGarbage = defineTool({
  name: "collect_garbage",
  title: "Collect garbage",
  description:
    "Delete dead jobs with their history and logs, what else has ended, and down nodes, in all namespaces, now instead of after hours.",
  risk: "destructive",
  needs: ["list-jobs", "management", "node:read"],
  helps: ["read-job"],
  input: { wait_seconds: parameters.wait_seconds },
  async preview(_, { nomad, signal }) {
    return previewCollection(nomad, await readGarbage(nomad, signal));
  },
  async run({ wait_seconds }, { nomad, signal, started, report }) {
    return await collect(nomad, signal, { until: started + wait_seconds * 1000, report });
  },
});
