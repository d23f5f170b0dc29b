import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { called } from "../../nomad/allocations/words.ts";
import { fail, planFailure, rollsBack } from "../../nomad/deployments/fail.ts";
import { exactDeployment } from "../../nomad/deployments/find.ts";
import { previewDeployment } from "../../nomad/deployments/preview.ts";
import { some } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const failDeployment = defineTool({
  name: "fail_deployment",
  title: "Fail a deployment",
  description:
    "End a deployment as failed, by id or as a job's newest; with auto_revert the job goes back to its stable version. Tells how that ends.",
  risk: "destructive",
  needs: ["list-jobs", "read-job", "submit-job|fail-deployment"],
  helps: ["host-volume-read", "node:read", "operator:read", "read-logs", "submit-job|set-alloc-health-deployment"],
  openWorld: true,
  input: {
    job_id: parameters.job_id.optional(),
    deployment_id: parameters.deployment_id.optional(),
    unhealthy: z.array(z.string()).optional().describe("Allocation ids to mark so"),
    wait_seconds: parameters.wait_seconds,
  },
  async preview({ unhealthy = [], ...named }, call) {
    const { nomad, deployment } = await exactDeployment(call.nomad, named);
    const failure = await planFailure(nomad, deployment, unhealthy);
    return previewDeployment(
      nomad,
      deployment,
      `Fail the deployment of ${deployment.JobID}`,
      failure.unhealthy.length > 0 && `  marked as unhealthy: ${some(failure.unhealthy.map(called), 20)}`,
      `  then: ${rollsBack(failure)}`,
    );
  },
  async run({ unhealthy = [], wait_seconds, ...named }, call) {
    const { nomad, deployment } = await exactDeployment(call.nomad, named);
    const failure = await planFailure(nomad, deployment, unhealthy);
    return await fail(nomad, failure, { until: call.started + wait_seconds * 1000, report: call.report });
  },
});
