import { failing, noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock, restarted } from "./case.ts";

export const fault: Case = {
  about: "the same question asked of get_job_status",
  tool: "get_job_status",
  happens: [{ submit: mock(failing, { ...noDeployment, ...restarted }) }, { pass: 30 }],
  real: true,
  first: /crash looping: .*\nWhy: api\[0\] .*task server exits with code 3/,
  says: [/\| no database/],
  tokens: 250,
  requests: 10,
};
