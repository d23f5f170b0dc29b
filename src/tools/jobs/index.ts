import { defineToolset } from "../context.ts";
import { getEvaluation } from "../evaluations/get-evaluation.ts";
import { createJob } from "./create-job.ts";
import { diagnoseJob } from "./diagnose-job.ts";
import { dispatchJob } from "./dispatch-job.ts";
import { forceEvaluateJob } from "./force-evaluate-job.ts";
import { forcePeriodicJob } from "./force-periodic-job.ts";
import { getJobEvaluations } from "./get-job-evaluations.ts";
import { getJobLogs } from "./get-job-logs.ts";
import { getJobStatus } from "./get-job-status.ts";
import { getJobUsage } from "./get-job-usage.ts";
import { listNomadJobs } from "./list-nomad-jobs.ts";
import { restartJob } from "./restart-job.ts";
import { scaleJob } from "./scale-job.ts";
import { startJob } from "./start-job.ts";
import { stopJob } from "./stop-job.ts";
import { submitJobFile } from "./submit-job-file.ts";

export const jobs = defineToolset({
  name: "jobs",
  description: "List, inspect, submit, start, stop, restart and re-evaluate jobs.",
  tools: [
    listNomadJobs,
    getJobStatus,
    diagnoseJob,
    getJobEvaluations,
    getEvaluation,
    getJobLogs,
    getJobUsage,
    submitJobFile,
    createJob,
    forceEvaluateJob,
    startJob,
    stopJob,
    restartJob,
    dispatchJob,
    forcePeriodicJob,
    scaleJob,
  ],
});
