import { parameters } from "../../mcp/parameters.ts";
import { changeLines, planRevert, revert } from "../../nomad/jobs/change/revert.ts";
import { tellRegistered } from "../../nomad/jobs/file/register.ts";
import { exactJob } from "../../nomad/jobs/find.ts";
import { previewJob } from "../../nomad/jobs/preview.ts";
import { lines } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const revertJob = defineTool({
  name: "revert_job",
  title: "Revert a job",
  description:
    "Take a job back to an older version and tell what that undid and how its rollout ends. For a bad update: without version to the last stable one.",
  risk: "destructive",
  needs: ["list-jobs", "read-job", "submit-job|revert-job"],
  openWorld: true,
  input: { job_id: parameters.job_id, version: parameters.version, wait_seconds: parameters.wait_seconds },
  async preview({ job_id, version }, call) {
    const { nomad, id } = await exactJob(call.nomad, job_id);
    const { current, target, called, changes = [] } = await planRevert(nomad, id, version);
    const { text, stamp } = await previewJob(nomad, id, `Revert ${id} from version ${current.Version} to ${called}`);
    return { text: lines(text, ...changeLines(changes)), stamp: `${stamp} ${target.Version}` };
  },
  async run({ job_id, version, wait_seconds }, { nomad: here, report, started }) {
    const { nomad, id } = await exactJob(here, job_id);
    const registered = await revert(nomad, await planRevert(nomad, id, version));
    return await tellRegistered(nomad, registered, {
      jobId: id,
      until: started + wait_seconds * 1000,
      report,
    });
  },
});
