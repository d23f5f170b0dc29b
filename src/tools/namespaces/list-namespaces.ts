import { parameters } from "../../mcp/parameters.ts";
import { listNamespaces as list } from "../../nomad/namespaces/list.ts";
import { namespacesAnswer } from "../../nomad/namespaces/list-text.ts";
import { defineTool } from "../context.ts";

export const listNamespaces = defineTool({
  name: "list_namespaces",
  title: "List namespaces",
  description:
    "Namespaces with their jobs, quota and limits, node pools with their nodes, and regions. Use it to learn what there is.",
  risk: "read",
  needs: [],
  helps: ["list-jobs", "node:read", "node_pool:read"],
  input: { limit: parameters.limit(25, 50), cursor: parameters.cursor },
  async run(args, { nomad, signal }) {
    return namespacesAnswer(await list(nomad, args, signal));
  },
});
