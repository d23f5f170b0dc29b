import * as z from "zod";
import { blocks, parameters } from "../../mcp/parameters.ts";
import { register, tellRegistered } from "../../nomad/jobs/file/register.ts";
import { readGivenFile } from "../../nomad/jobs/library/given-file.ts";
import { previewRegistration } from "../../nomad/jobs/plan/preview-registration.ts";
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
    job_file: z.string().max(1_048_576).register(blocks, {}).optional().describe("Its text, HCL or JSON"),
    file: parameters.library_file,
    format: z.enum(["hcl", "json"]).optional(),
    variables: z.string().max(65_536).register(blocks, {}).optional().describe('tfvars text: image = "nginx:1.27"'),
    check_index: z.number().optional().describe("JobModifyIndex that the job must have, 0: must not exist"),
    preserve_counts: z.boolean().optional().describe("Keep present ones"),
    wait_seconds: parameters.wait_seconds,
  },
  async preview(args, context) {
    const { nomad } = context;
    const file = await readGivenFile(nomad, args, context);
    return await previewRegistration(nomad.in(file.namespace), file, `Submit ${file.what} for ${file.id}`);
  },
  async run(args, context) {
    const { nomad, report, started } = context;
    const file = await readGivenFile(nomad, args, context);
    const target = nomad.in(file.namespace);
    const conditions = { checkIndex: args.check_index, preserveCounts: args.preserve_counts };
    const registered = await register(target, { ...file, ...conditions });
    const until = started + args.wait_seconds * 1000;
    const notes = [...file.notes, ...registered.notes];
    return await tellRegistered(target, { ...registered, notes }, { jobId: file.id, until, report, where: file.why });
  },
});
