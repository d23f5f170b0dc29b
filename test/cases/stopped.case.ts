import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "somebody has stopped the job",
  happens: [{ submit: mock({}, noDeployment) }, { pass: 15 }, { stop: "main" }, { pass: 15 }],
  real: true,
  first: /: stopped .*nothing of it runs/,
  says: [/Next: start_job job_id=/],
  never: [/Why:|failed|dead/],
  tokens: 150,
  requests: 12,
};
