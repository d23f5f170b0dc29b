import { defineToolset } from "../context.ts";
import { failDeployment } from "./fail-deployment.ts";
import { getDeploymentStatus } from "./get-deployment-status.ts";
import { listDeployments } from "./list-deployments.ts";
import { pauseDeployment } from "./pause-deployment.ts";
import { promoteDeployment } from "./promote-deployment.ts";

export const deployments = defineToolset({
  name: "deployments",
  description: "The deployments of jobs: what rolls out and what it waits for; promote, pause or fail it.",
  tools: [listDeployments, getDeploymentStatus, promoteDeployment, pauseDeployment, failDeployment],
});
