import { Refusal } from "../../api/errors/refusal.ts";
import { parameters } from "../../mcp/parameters.ts";
import { deploymentAnswer } from "../../nomad/deployments/deployment-text.ts";
import { deploymentId, newestId } from "../../nomad/deployments/find.ts";
import { seeDeployment } from "../../nomad/deployments/seen-deployment.ts";
import { defineTool } from "../context.ts";

export const getDeploymentStatus = defineTool({
  name: "get_deployment_status",
  title: "Deployment status",
  description:
    "One deployment's progress by group, by id or as a job's newest: canaries, what it waits for, what is unhealthy and why, how it ended.",
  risk: "read",
  needs: ["read-job"],
  openWorld: true,
  helps: ["list-jobs"],
  input: { job_id: parameters.job_id.optional(), deployment_id: parameters.deployment_id.optional() },
  async run({ job_id, deployment_id }, { nomad, signal }) {
    if (deployment_id === undefined && job_id === undefined)
      throw new Refusal(
        "Give a deployment_id, or a job_id for its newest one (list_deployments shows what rolls out).",
      );
    const { id, note } =
      deployment_id === undefined
        ? await newestId(nomad, job_id ?? "")
        : { id: await deploymentId(nomad, deployment_id), note: undefined };
    const seen = await seeDeployment(nomad, id, signal);
    return { note, ...deploymentAnswer(seen, nomad.in(seen.deployment.Namespace)) };
  },
});
