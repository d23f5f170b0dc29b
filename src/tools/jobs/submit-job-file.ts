import * as z from "zod";
import { blocks, parameters } from "../../mcp/parameters.ts";
import { readJobFile } from "../../nomad/jobs/file/job-file.ts";
import { register, tellRegistered } from "../../nomad/jobs/file/register.ts";
import { previewRegistration } from "../../nomad/jobs/plan/preview-registration.ts";
import { bytes } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const submitJobFile = defineTool({
  name: "submit_job_file",
  title: "Submit a job file",
  description:
    "Register or update a job as nomad job run does, and tell how its rollout ends. For every change of a job.",
  risk: "destructive",
  needs: ["parse-job", "read-job", "submit-job|register-job"],
  helps: ["host-volume-read", "list-jobs", "node:read", "node_pool:read", "operator:read", "read-logs"],
  openWorld: true,
  input: {
    job_file: z.string().max(1_048_576).describe("Its text, HCL or JSON").register(blocks, {}),
    format: z.enum(["hcl", "json"]).optional(),
    variables: z.string().max(65_536).register(blocks, {}).optional().describe('tfvars text: image = "nginx:1.27"'),
    check_index: z.number().optional().describe("JobModifyIndex that the job must have, 0: must not exist"),
    preserve_counts: z.boolean().optional().describe("Keep present ones"),
    wait_seconds: parameters.wait_seconds,
  },
  async preview({ format, job_file: text, namespace, variables }, { nomad }) {
    const file = await readJobFile(nomad, { text, format, variables, namespace });
    const what = `Submit a job file of ${bytes(Buffer.byteLength(text))} for ${file.id}`;
    return await previewRegistration(nomad.in(file.namespace), file, what);
  },
  async run(args, { nomad, report, started }) {
    const { format, job_file: text, namespace, variables } = args;
    const file = await readJobFile(nomad, { text, format, variables, namespace });
    const target = nomad.in(file.namespace);
    const conditions = { checkIndex: args.check_index, preserveCounts: args.preserve_counts };
    const registered = await register(target, { ...file, ...conditions });
    const until = started + args.wait_seconds * 1000;
    const notes = [...file.notes, ...registered.notes];
    return await tellRegistered(target, { ...registered, notes }, { jobId: file.id, until, report, where: file.why });
  },
});
