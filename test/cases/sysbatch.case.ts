import { failing, noRestart } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a job that should run once on every node failed on them",
  happens: [{ submit: mock(failing, { ...noRestart }, { Type: "sysbatch" }) }, { pass: 30 }],
  real: true,
  first: /failed: 0 of \d finished.*\nWhy: api\[0\] .*task server exits with code 3.*\d others? alike/,
  says: [/\| no database/],
  tokens: 340,
  requests: 18,
};
