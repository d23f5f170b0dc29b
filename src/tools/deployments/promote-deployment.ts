import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { exactDeployment } from "../../nomad/deployments/find.ts";
import { previewDeployment } from "../../nomad/deployments/preview.ts";
import { groupsText, planPromotion, promote } from "../../nomad/deployments/promote.ts";
import { defineTool } from "../context.ts";

export const promoteDeployment = defineTool({
  name: "promote_deployment",
  title: "Promote canaries",
  description:
    "Promote the healthy canaries of a deployment, by id or as a job's newest, so that they replace the old version, and tell how that ends.",
  risk: "destructive",
  needs: ["list-jobs", "read-job", "submit-job|promote-deployment"],
  helps: ["host-volume-read", "node:read", "operator:read", "read-logs"],
  idempotent: true,
  openWorld: true,
  input: {
    job_id: parameters.job_id.optional(),
    deployment_id: parameters.deployment_id.optional(),
    groups: z.array(z.string()).optional().describe("Only these"),
    wait_seconds: parameters.wait_seconds,
  },
  async preview(args, call) {
    const { nomad, deployment } = await exactDeployment(call.nomad, args);
    const { groups, already } = planPromotion(nomad, deployment, args.groups);
    const what =
      groups.length > 0 ? `Promote ${groupsText(groups)}` : `Nothing: ${groupsText(already)} promoted already`;
    return previewDeployment(nomad, deployment, `${what} of ${deployment.JobID}`);
  },
  async run(args, call) {
    const { nomad, deployment } = await exactDeployment(call.nomad, args);
    const until = call.started + args.wait_seconds * 1000;
    return await promote(nomad, planPromotion(nomad, deployment, args.groups), { until, report: call.report });
  },
});
