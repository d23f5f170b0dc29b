import { parameters } from "../../mcp/parameters.ts";
import { jobSubmission, oneNamespace } from "../../nomad/jobs/file/job-file.ts";
import { alreadyThere, registerNew, tellRegistered } from "../../nomad/jobs/file/register.ts";
import { requireRunnable } from "../../nomad/jobs/file/runnable.ts";
import { portNotes, simpleJob, simpleJobShape } from "../../nomad/jobs/file/simple-job.ts";
import { previewRegistration } from "../../nomad/jobs/plan/preview-registration.ts";
import { defineTool } from "../context.ts";

export const createJob = defineTool({
  name: "create_job",
  title: "Create a job",
  description: "Create a new job from a docker image and tell whether it runs.",
  risk: "destructive",
  needs: ["read-job", "submit-job|register-job"],
  helps: ["list-jobs", "node:read", "operator:read", "read-logs"],
  openWorld: true,
  input: {
    ...simpleJobShape,
    wait_seconds: parameters.wait_seconds,
  },
  async preview(input, { nomad }) {
    const job = simpleJob({ ...input, namespace: oneNamespace(nomad.namespace) });
    const id = input.job_id;
    await requireRunnable(nomad, input);
    return await previewRegistration(nomad, { id, job }, `Create job ${id}`, ({ present }) => {
      if (present !== undefined) throw alreadyThere(nomad, id, present);
    });
  },
  async run(input, { nomad, report, started }) {
    const job = simpleJob({ ...input, namespace: oneNamespace(nomad.namespace) });
    const { job_id: jobId, ports = [] } = input;
    await requireRunnable(nomad, input);
    const registered = await registerNew(nomad, { id: jobId, job, submission: jobSubmission(job) });
    const notes = [...portNotes(ports), ...registered.notes];
    const until = started + input.wait_seconds * 1000;
    return await tellRegistered(nomad, { ...registered, notes }, { jobId, until, report });
  },
});
