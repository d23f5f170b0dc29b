import { allocationStub } from "./allocations.ts";
import { endpoint, frames } from "./endpoint.ts";
import { execFrame } from "./exec.ts";
import { job } from "./job.ts";
import { jobDiff } from "./job-diff.ts";
import { type groupSummary, jobStatuses, jobStub, jobSummary, scaleStatus } from "./job-status.ts";
import { metrics, updates } from "./metric.ts";
import { execInTask, may, readJob } from "./needs.ts";
import { anything, fields, flag, type Infer, id, list, map, maybe, number, oneOf, optional, text } from "./schema.ts";

const jobVersion = fields({
  ...job.fields,
  /** True once its deployment has succeeded, or where somebody said so. Stopping and scaling copy it to their version. */
  Stable: flag,
  VersionTag: optional(maybe(fields({ Name: text, Description: text, TaggedTime: number }))),
  /** Accessor of the token that it was submitted with; empty without ACLs. */
  NomadTokenID: optional(text),
});
const jobVersions = fields({ Versions: maybe(list(jobVersion)), Diffs: maybe(list(jobDiff)) });

/** What a version was submitted as. `VariableFlags`: values given as `-var name=value`, as they were typed. */
const submission = fields({
  Source: text,
  Format: oneOf("hcl2", "hcl1", "json"),
  Variables: text,
  VariableFlags: maybe(map(text)),
});

/** With `Diff` in the question: what registering the job would come to, of which nothing is kept. */
const jobPlan = fields({
  JobModifyIndex: number,
  Diff: jobDiff,
  Annotations: maybe(fields({ DesiredTGUpdates: updates, PreemptedAllocs: maybe(list(allocationStub)) })),
  FailedTGAllocs: metrics,
  NextPeriodicLaunch: maybe(text),
  Warnings: text,
});

/** What a change of a job answers. `EvalID` is empty for periodic and parameterized jobs. */
const jobChange = fields({ EvalID: text, EvalCreateIndex: number, JobModifyIndex: number, Warnings: optional(text) });
/** The tag that a version has now; empty where one was taken away. */
const tagged = fields({ Name: text, Description: text });
/** The child that a dispatch made. `EvalID` is empty for a job that is periodic as well. */
const jobDispatch = fields({ DispatchedJobID: id, EvalID: text });

export type JobSummary = Infer<typeof jobSummary>;
export type GroupSummary = Infer<typeof groupSummary>;
export type JobStub = Infer<typeof jobStub>;
export type JobStatuses = Infer<typeof jobStatuses>;
export type ScaleStatus = Infer<typeof scaleStatus>;
export type JobVersion = Infer<typeof jobVersion>;
export type JobVersions = Infer<typeof jobVersions>;
export type JobSubmission = Infer<typeof submission>;
export type JobPlan = Infer<typeof jobPlan>;
export type JobChange = Infer<typeof jobChange>;
export type JobDispatch = Infer<typeof jobDispatch>;

const ofJob = { reach: "namespace", shows: "job status :job_id" } as const;

export const jobs = {
  list: endpoint({
    method: "GET",
    path: "/v1/jobs",
    reply: list(jobStub),
    needs: [may("list-jobs")],
    reach: "namespaces by filter",
    pages: "by name",
  }),
  /** Of the jobs that the body names, or a page of all. */
  statuses: endpoint({
    method: "POST",
    path: "/v1/jobs/statuses",
    reply: list(jobStatuses),
    needs: [readJob],
    reach: "namespaces by filter",
    asks: true,
    since: "1.8.0",
  }),
  get: endpoint({ ...ofJob, method: "GET", path: "/v1/job/:job_id", reply: jobVersion, needs: [readJob] }),
  versions: endpoint({
    ...ofJob,
    method: "GET",
    path: "/v1/job/:job_id/versions",
    reply: jobVersions,
    needs: [readJob],
  }),
  summary: endpoint({
    ...ofJob,
    method: "GET",
    path: "/v1/job/:job_id/summary",
    reply: jobSummary,
    needs: [readJob],
  }),
  /** Terminal allocations and canaries are not counted. */
  scaleStatus: endpoint({
    ...ofJob,
    method: "GET",
    path: "/v1/job/:job_id/scale",
    reply: scaleStatus,
    needs: [readJob],
  }),
  submission: endpoint({
    ...ofJob,
    method: "GET",
    path: "/v1/job/:job_id/submission",
    reply: submission,
    needs: [readJob],
    since: "1.6.0",
  }),
  /** Makes a job of HCL. */
  parse: endpoint({
    method: "POST",
    path: "/v1/jobs/parse",
    reply: map(anything),
    needs: [may("parse-job")],
    reach: "cluster",
    asks: true,
  }),
  validate: endpoint({
    method: "POST",
    path: "/v1/validate/job",
    reply: fields({ Error: text, Warnings: text }),
    needs: [readJob],
    reach: "namespace",
    asks: true,
  }),
  plan: endpoint({
    ...ofJob,
    method: "POST",
    path: "/v1/job/:job_id/plan",
    reply: jobPlan,
    needs: [may("submit-job", "plan-job")],
    asks: true,
  }),
  register: endpoint({
    method: "POST",
    path: "/v1/jobs",
    reply: jobChange,
    needs: [may("submit-job", "register-job")],
    reach: "namespace",
    shows: "job status",
  }),
  /** The same for a job that is there. */
  update: endpoint({
    ...ofJob,
    method: "POST",
    path: "/v1/job/:job_id",
    reply: jobChange,
    needs: [may("submit-job", "register-job")],
  }),
  deregister: endpoint({
    ...ofJob,
    method: "DELETE",
    path: "/v1/job/:job_id",
    reply: jobChange,
    needs: [may("submit-job", "purge-job")],
  }),
  evaluate: endpoint({
    ...ofJob,
    method: "POST",
    path: "/v1/job/:job_id/evaluate",
    reply: jobChange,
    needs: [may("submit-job", "evaluate-job")],
  }),
  revert: endpoint({
    ...ofJob,
    method: "POST",
    path: "/v1/job/:job_id/revert",
    reply: jobChange,
    needs: [may("submit-job", "revert-job")],
  }),
  /** A version has one tag: another one takes its place. Without `Version` in the body it is that of version 0. */
  tagVersion: endpoint({
    ...ofJob,
    method: "PUT",
    path: "/v1/job/:job_id/versions/:tag/tag",
    reply: tagged,
    needs: [may("submit-job", "tag-job-version")],
    since: "1.9.0",
  }),
  /** Takes the tag from whichever version has it. */
  untagVersion: endpoint({
    ...ofJob,
    method: "DELETE",
    path: "/v1/job/:job_id/versions/:tag/tag",
    reply: tagged,
    needs: [may("submit-job", "tag-job-version")],
    since: "1.9.0",
  }),
  scale: endpoint({
    ...ofJob,
    method: "POST",
    path: "/v1/job/:job_id/scale",
    reply: jobChange,
    needs: [may("scale-job")],
  }),
  dispatch: endpoint({
    ...ofJob,
    method: "POST",
    path: "/v1/job/:job_id/dispatch",
    reply: jobDispatch,
    needs: [may("dispatch-job")],
    secret: { Payload: "payload" },
  }),
  /** Runs an action of its author in the task that the query names, as {@link allocations.exec} runs a command. */
  runAction: endpoint({
    ...ofJob,
    method: "GET",
    path: "/v1/job/:job_id/action",
    acts: true,
    reply: frames(execFrame),
    needs: [execInTask],
    since: "1.7.0",
  }),
  forcePeriodic: endpoint({
    ...ofJob,
    method: "PUT",
    path: "/v1/job/:job_id/periodic/force",
    reply: jobChange,
    needs: [may("dispatch-job", "force-periodic-job")],
  }),
};
