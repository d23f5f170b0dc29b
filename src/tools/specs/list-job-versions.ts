import { type JobVersion, jobs } from "../../endpoints/jobs.ts";
import { parameters } from "../../mcp/parameters.ts";
import { readJob } from "../../nomad/jobs/find.ts";
import { scalingLines } from "../../nomad/jobs/versions/scaling.ts";
import { deploymentsByVersion, runningByVersion, versionLines } from "../../nomad/jobs/versions/version-lines.ts";
import { stableBelow, versionHistory } from "../../nomad/jobs/versions/versions.ts";
import { toolCall, toolOrCommand } from "../../nomad/shared/next-step.ts";
import { ifGiven } from "../../nomad/shared/parts.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { grouped, plural } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const listJobVersions = defineTool({
  name: "list_job_versions",
  title: "Job versions",
  description:
    "List the versions of a job that Nomad keeps, newest first: when, what changed, who scaled it, which was stable. Use it before revert_job.",
  risk: "read",
  needs: ["list-jobs", "read-job"],
  openWorld: true,
  input: { job_id: parameters.job_id, limit: parameters.limit(6, 50) },
  async run({ job_id, limit }, call) {
    const { nomad, id, note, value } = await readJob(call.nomad, job_id, versionHistory);
    const { versions } = value;
    const [current] = versions;
    if (current === undefined)
      return { note, headline: `${id}: no version is kept`, data: { job_id: id, versions: [] } };
    const [deployments, running, scale] = await Promise.all([
      deploymentsByVersion(nomad, current),
      runningByVersion(nomad, current),
      ifGiven(nomad.get(jobs.scaleStatus, { job_id: id })),
    ]);
    const scaling = scale && scalingLines(scale, versions, nomad.now());
    const facts = ({ Version }: JobVersion) => ({
      deployment: deployments.get(Version),
      running: running.get(Version),
      scaling: scaling?.get(Version) ?? [],
    });
    const shown = versions.slice(0, limit);
    const older = versions.length - shown.length;
    const failed = deployments.get(current.Version)?.Status === "failed";
    const stable = failed ? stableBelow(versions, current) : undefined;
    return {
      note,
      headline: `${id}: ${plural(versions.length, "version")} kept (namespace ${nomad.namespace})`,
      sections: [
        ...shown.map((version) => versionLines(version, value, facts(version), nomad.now())),
        older > 0 &&
          `${grouped(older)} older: ${toolCall(nomad, "list_job_versions", { job_id: id, limit: versions.length })}`,
      ],
      next: stable ? [`${back(nomad, id, String(stable.Version))} goes back to the last stable one`] : [],
      data: {
        job_id: id,
        namespace: nomad.namespace,
        versions: versions.map(({ Version, Stable, SubmitTime, VersionTag }) => ({
          version: Version,
          stable: Stable,
          submitted: SubmitTime,
          tag: VersionTag?.Name,
        })),
      },
    };
  },
});

function back(nomad: NomadClient, id: string, version: string): string {
  return toolOrCommand(nomad, ["revert_job", { job_id: id, version }], ["job revert", id, version]);
}
