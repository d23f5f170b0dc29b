import { defineToolset } from "../context.ts";
import { getDeploymentStatus } from "./get-deployment-status.ts";

export const deployments = defineToolset({
  name: "deployments",
  description: "Inspect the deployments of jobs: how far they are and what they wait for.",
  tools: [getDeploymentStatus],
});
