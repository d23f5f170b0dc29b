import { cutName } from "../../../text/untrusted.ts";
import type { TypedJob } from "../file/typed-job.ts";
import { exposureRemarks } from "./exposure-advice.ts";
import { type Finding, folded } from "./finding.ts";
import { groupRemarks } from "./group-advice.ts";
import { jobRemarks } from "./job-advice.ts";
import { serviceRemarks } from "./service-advice.ts";
import { taskRemarks } from "./task-advice.ts";

/**
 * What an experienced reviewer remarks on a job that Nomad takes, most serious first. What is fine is not mentioned, nor
 * what Nomad itself warns of.
 */
export function advise(job: TypedJob): Finding[] {
  const groups = job.TaskGroups.flatMap((group) => {
    const where = cutName(group.Name, 80);
    const view = { job, group, count: group.Count ?? group.Scaling?.Min ?? 1 };
    const own = [...serviceRemarks(view), ...groupRemarks(view)].map((remark) => ({ ...remark, where }));
    const tasks = group.Tasks.flatMap((task) => {
      const inside = { ...view, task };
      const remarks = [...exposureRemarks(inside), ...taskRemarks(inside)];
      return remarks.map((remark) => ({ ...remark, where: `${where} > ${cutName(task.Name, 80)}` }));
    });
    return [...own, ...tasks];
  });
  return folded([...groups, ...jobRemarks(job).map((remark) => ({ ...remark, where: "job" }))], job);
}
