import type { Prompt } from "../mcp/prompts.ts";
import { foundText } from "./found.ts";

export const clusterHealth: Prompt = {
  name: "cluster-health",
  title: "Cluster health",
  description: "Look for everything that is wrong in the cluster, worst first",
  arguments: [],
  needs: ["list_nomad_jobs"],
  async texts(_, { fetch }) {
    const found = await fetch(["find_problems", {}], ["list_nomad_jobs", { only_trouble: true, namespace: "*" }]);
    return [
      [
        "Tell me how this Nomad cluster is, from what follows.",
        "Group what is wrong by its cause, the worst first: what is down or at risk, since when, and whom it affects.",
        "Look closer with the tools that read at the worst one or two, until the cause is clear.",
        "End with what to do first. Change nothing before I say so. If nothing is wrong, say just that.",
      ].join("\n"),
      ...(found ? [foundText(found)] : []),
    ];
  },
};
