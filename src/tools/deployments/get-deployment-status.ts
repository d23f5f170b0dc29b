import { parameters } from "../../mcp/parameters.ts";
import { deploymentAnswer } from "../../nomad/deployments/deployment-text.ts";
import { deploymentId } from "../../nomad/deployments/find.ts";
import { seeDeployment } from "../../nomad/deployments/seen-deployment.ts";
import { defineTool } from "../context.ts";

export const getDeploymentStatus = defineTool({
  name: "get_deployment_status",
  title: "Deployment status",
  description: "One deployment's progress by group: what it waits for, what is unhealthy and why, how it ended.",
  risk: "read",
  needs: ["read-job"],
  openWorld: true,
  input: { deployment_id: parameters.deployment_id },
  async run({ deployment_id }, { nomad, signal }) {
    const id = await deploymentId(nomad, deployment_id);
    const seen = await seeDeployment(nomad, id, signal);
    return deploymentAnswer(seen, nomad.in(seen.deployment.Namespace));
  },
});
