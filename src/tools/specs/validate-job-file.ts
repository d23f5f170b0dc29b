import * as z from "zod";
import { blocks, parameters } from "../../mcp/parameters.ts";
import { advise } from "../../nomad/jobs/advice/advise.ts";
import { validate } from "../../nomad/jobs/advice/validate.ts";
import { typedJob } from "../../nomad/jobs/file/typed-job.ts";
import { readGivenFile } from "../../nomad/jobs/library/given-file.ts";
import { answer } from "../../text/answer.ts";
import { grouped, plural } from "../../text/words.ts";
import { defineTool } from "../context.ts";

const mostFindings = 12;

export const validateJobFile = defineTool({
  name: "validate_job_file",
  title: "Validate a job file",
  description:
    "Whether Nomad takes a job file, and what an experienced reviewer would change in it. While writing one; plan_job says what it would do.",
  risk: "read",
  needs: ["parse-job", "read-job"],
  openWorld: true,
  input: {
    job_file: z.string().max(1_048_576).register(blocks, {}).optional().describe("Its text, HCL or JSON"),
    file: parameters.library_file,
    format: z.enum(["hcl", "json"]).optional(),
    variables: z.string().max(65_536).register(blocks, {}).optional().describe('tfvars text: image = "nginx:1.27"'),
  },
  async run(args, context) {
    const { nomad } = context;
    const file = await readGivenFile(nomad, args, context);
    const target = nomad.in(file.namespace);
    const { errors, warnings } = await validate(target, file.job);
    const findings = advise(typedJob(file.job));
    const told = findings.slice(0, mostFindings).map((finding) => `${finding.where}: ${finding.text}`);
    const rest = findings.length - told.length;
    const name = `${file.id} (namespace ${target.namespace}${file.why})`;
    const order = findings.length > 1 ? ", most serious first" : "";
    const heading = findings.length === 0 ? "" : `${plural(findings.length, "remark")}${order}:`;
    if (errors.length > 0) {
      return answer(
        `${name} is not valid, Nomad would refuse it:`,
        ...errors.map((line) => `  ${line}`),
        ...warnings,
        heading && `Besides, ${heading}`,
        ...told.map((line) => `  ${line}`),
      );
    }
    return answer(
      `${name} is valid${heading === "" ? "; nothing to remark" : `; ${heading}`}`,
      ...told.map((line) => `  ${line}`),
      rest > 0 && `  and ${grouped(rest)} more`,
      ...file.notes,
      ...warnings,
    );
  },
});
