import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { storedSubmission } from "../../nomad/jobs/file/submission.ts";
import { readJob } from "../../nomad/jobs/find.ts";
import { bounded } from "../../nomad/jobs/source/bounded.ts";
import { jobHcl } from "../../nomad/jobs/source/hcl-job.ts";
import { withVariables } from "../../nomad/jobs/source/hcl-secrets.ts";
import { checkParts, readSpec, type Spec } from "../../nomad/jobs/source/read-spec.ts";
import { furtherSections, jobLine, overviewLines } from "../../nomad/jobs/source/spec-overview.ts";
import { sectionLines, sectionNames } from "../../nomad/jobs/source/spec-sections.ts";
import { sourceKind, sourceLines } from "../../nomad/jobs/source/spec-source.ts";
import { maskedNote } from "../../nomad/shared/masked.ts";
import { command } from "../../nomad/shared/next-step.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { type Answer, answer } from "../../text/answer.ts";
import { ago, fromNanoseconds } from "../../text/time.ts";
import { quoted } from "../../text/untrusted.ts";
import { plural, some } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const getJobSpec = defineTool({
  name: "get_job_spec",
  title: "Job specification",
  description:
    "Tell what a job runs and how it is configured, or its file: as submitted, else made of it. Without section an overview; defaults are left out.",
  risk: "read",
  needs: ["list-jobs", "read-job"],
  openWorld: true,
  input: {
    job_id: parameters.job_id,
    section: z.enum([...sectionNames, "all", "source"]).optional(),
    group: z.string().max(128).optional(),
    task: z.string().max(128).optional(),
    version: parameters.version,
  },
  async run({ job_id, section, group, task, version }, call) {
    const found = await readJob(call.nomad, job_id, (nomad, id) => readSpec(nomad, id, version));
    const { nomad, id, note, value: spec } = found;
    if (section === "source") return { note, ...(await source(nomad, id, spec, call.mask)) };
    checkParts(spec.job, group, task);
    const part = { group, task };
    const narrow = "name a group, a task or a section";
    if (section === undefined && group === undefined && task === undefined) {
      const more = furtherSections(spec.job);
      const overview = bounded(overviewLines(spec.job), narrow);
      const rest = more.length > 0 && `More in section=: ${more.join(", ")}`;
      return { note, headline: title(nomad, spec), sections: [jobLine(spec.job), ...overview, rest] };
    }
    const told = sectionLines(spec.job, { ...part, section: section ?? "all" });
    const nothing = `${section ?? "It"}: nothing but Nomad's defaults`;
    return { note, headline: title(nomad, spec), sections: told.length > 0 ? bounded(told, narrow) : [nothing] };
  },
});

/** "web: version 4 (service, namespace default), submitted 12m ago" */
function title(nomad: NomadClient, { job, current }: Spec): string {
  const when = ago(fromNanoseconds(job.SubmitTime) ?? nomad.now(), nomad.now());
  const kind = job.Periodic ? "periodic " : job.ParameterizedJob ? "parameterized " : "";
  const past = current === undefined ? "" : `; version ${current} is the current one`;
  const stopped = job.Stop ? ", stopped" : "";
  return `${job.ID}: version ${job.Version} (${kind}${job.Type}, namespace ${job.Namespace})${stopped}, submitted ${when}${past}`;
}

/** The file of a version as it was submitted, but for its secrets; where Nomad has none, one of which the same job would come. */
async function source(nomad: NomadClient, id: string, { job }: Spec, mask: (text: string) => string): Promise<Answer> {
  const stored = await storedSubmission(nomad, id, job.Version);
  const version = String(job.Version);
  if (stored === undefined) {
    const { hcl, variables } = withVariables(jobHcl(job), mask);
    const given = `Secrets are variables in it: ${some(variables, 10)}; variables= gives their values`;
    const whole = command(nomad, "job inspect", "-version", version, id);
    return answer(
      `${id}: no source of version ${version} is stored (submitted by a plain API call, or larger than 1 MB); as HCL made of the job itself (${plural(hcl.trimEnd().split("\n").length, "line")}, namespace ${nomad.namespace})`,
      ...bounded(quoted(hcl).split("\n"), `${whole} prints the job as JSON`),
      variables.length > 0 && given,
    );
  }
  const whole = command(nomad, "job inspect", ...(stored.Format === "json" ? [] : ["-hcl"]), "-version", version, id);
  const told = bounded(sourceLines(stored), `${whole} prints all`);
  return answer(
    `${id}: version ${version} as submitted (${sourceKind(stored)}, namespace ${nomad.namespace}); counts that were scaled since are not in it`,
    ...told,
    maskedNote(told.join("\n"), mask, "a text that has it is refused where it is submitted or saved"),
  );
}
