import { type Deployment, deployments } from "../endpoints/deployments.ts";
import { parameters } from "../mcp/parameters.ts";
import { fullId } from "../nomad/shared/find-id.ts";
import { toolOrCommand } from "../nomad/shared/next-step.ts";
import { table } from "../text/table.ts";
import { ago, fromGoTime, fromNanoseconds, span } from "../text/time.ts";
import { quotedLine } from "../text/untrusted.ts";
import { lines, short } from "../text/words.ts";
import { defineTool } from "../tools/context.ts";

/** One deployment: how far it has come, by group. Its job's verdict is that of get_job_status. */
export const readDeployment = defineTool({
  name: "read_deployment",
  title: "Deployment",
  description: "One deployment: its state, and how far each group has come.",
  risk: "read",
  input: { deployment_id: parameters.job_id },
  async run({ deployment_id }, { nomad, offers }) {
    const id = await fullId(nomad, deployments, deployment_id);
    const deployment = await nomad.get(deployments.get, { deployment_id: id });
    const { JobID: job, JobVersion, Namespace, Status, StatusDescription } = deployment;
    const there = nomad.in(Namespace);
    const began = ago(fromNanoseconds(deployment.CreateTime) ?? nomad.now(), nomad.now());
    const status = toolOrCommand(there, offers, ["get_job_status", { job_id: job }], ["job status", job]);
    return lines(
      `deployment ${short(id)} of ${job} version ${JobVersion} (namespace ${Namespace}): ${Status}, begun ${began}`,
      // Of the others it says no more than the status.
      (Status === "failed" || Status === "cancelled") && quotedLine(StatusDescription),
      `\n${groups(deployment, nomad.now())}`,
      "(the counts are cumulative: what was replaced stays in them)",
      `Next: ${status} says how the job is`,
    );
  },
});

function groups({ TaskGroups }: Deployment, now: number): string {
  const rows = Object.entries(TaskGroups ?? {}).map(([name, group]) => {
    const deadline = fromGoTime(group.RequireProgressBy);
    const canaries =
      group.DesiredCanaries > 0 ? `${group.PlacedCanaries?.length ?? 0} of ${group.DesiredCanaries}` : "";
    return [
      name,
      group.DesiredTotal,
      group.PlacedAllocs,
      group.HealthyAllocs,
      group.UnhealthyAllocs,
      canaries,
      group.DesiredCanaries > 0 ? (group.Promoted ? "yes" : "no") : "",
      deadline !== undefined && deadline > now ? `in ${span(deadline - now)}` : "",
    ];
  });
  return table(["group", "wanted", "placed", "healthy", "unhealthy", "canaries", "promoted", "deadline"], rows);
}
