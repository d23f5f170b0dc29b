import { defineToolset } from "../context.ts";
import { getDeploymentStatus } from "./get-deployment-status.ts";
import { listDeployments } from "./list-deployments.ts";

export const deployments = defineToolset({
  name: "deployments",
  description: "The deployments of jobs: what rolls out, how far it is and what it waits for.",
  tools: [listDeployments, getDeploymentStatus],
});
