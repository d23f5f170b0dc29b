import { failing, noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock, restarted } from "./case.ts";

export const fault: Case = {
  about: "only the beginning of the job's name",
  happens: [{ submit: mock(failing, { ...noDeployment, ...restarted }) }, { pass: 30 }],
  real: true,
  args: (id) => ({ job_id: id("main").slice(0, -2) }),
  first: /^\(\S+ taken as \S+, the only job that begins so\)\n.*crash looping/,
  says: [/Why: api\[0\] .*task server exits with code 3/, /\| no database/],
  tokens: 330,
  requests: 20,
};
