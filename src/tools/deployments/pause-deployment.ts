import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { exactDeployment } from "../../nomad/deployments/find.ts";
import { pause } from "../../nomad/deployments/pause.ts";
import { defineTool } from "../context.ts";

export const pauseDeployment = defineTool({
  name: "pause_deployment",
  title: "Pause or resume a deployment",
  description:
    "Pause a deployment, by id or as a job's newest, so that it places nothing more; or resume it, and tell how that ends.",
  risk: "write",
  needs: ["list-jobs", "read-job", "submit-job|pause-deployment"],
  helps: ["host-volume-read", "node:read", "operator:read", "read-logs"],
  idempotent: true,
  openWorld: true,
  input: {
    job_id: parameters.job_id.optional(),
    deployment_id: parameters.deployment_id.optional(),
    resume: z.boolean().default(false),
    wait_seconds: parameters.wait_seconds,
  },
  async run({ resume, wait_seconds, ...named }, call) {
    const { nomad, deployment } = await exactDeployment(call.nomad, named);
    const until = call.started + wait_seconds * 1000;
    return await pause(nomad, deployment, resume, { until, report: call.report });
  },
});
