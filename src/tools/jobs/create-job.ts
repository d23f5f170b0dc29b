import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { jobSubmission, oneNamespace } from "../../nomad/job-file/job-file.ts";
import { registerNew, tellRegistered } from "../../nomad/job-file/register.ts";
import { portNotes, simpleJob } from "../../nomad/job-file/simple-job.ts";
import { defineTool } from "../context.ts";

export const createJob = defineTool({
  name: "create_job",
  title: "Create a job",
  description: "Create a job from a docker image and tell whether it runs. For a new job_id.",
  risk: "write",
  openWorld: true,
  input: {
    // What does not fit is refused by simpleJob, all of it at once: each limit written here would cost every session
    // tokens, and so would the two lines that say of an object what it has been checked for anyway.
    job_id: z.string(),
    name: z.string().optional(),
    type: z.enum(["service", "batch", "system", "sysbatch"]).optional(),
    datacenters: z.array(z.string()).optional(),
    docker_image: z.string(),
    command: z.string().optional(),
    args: z.array(z.string()).optional(),
    count: z.number().optional(),
    cpu: z.number().optional().describe("MHz"),
    memory: z.number().optional().describe("MB"),
    ports: z
      .array(
        z
          .strictObject({ Label: z.string().optional(), Value: z.number().optional(), To: z.number().optional() })
          .meta({ additionalProperties: undefined }),
      )
      .optional()
      .describe("To: container port"),
    env_vars: z.looseObject({}).optional().meta({ properties: undefined, additionalProperties: undefined }),
    wait_seconds: parameters.wait_seconds,
  },
  async run(input, { nomad, offers, report, started }) {
    const job = simpleJob({ ...input, namespace: oneNamespace(nomad.namespace) });
    const { job_id: jobId, ports = [] } = input;
    const registered = await registerNew(nomad, { id: jobId, job, submission: jobSubmission(job) }, offers);
    const notes = [...portNotes(ports), ...registered.notes];
    const until = started + input.wait_seconds * 1000;
    return await tellRegistered(nomad, { ...registered, notes }, { jobId, until, offers, report });
  },
});
