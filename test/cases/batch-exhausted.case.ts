import { failing, noRestart, onceRescheduled } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a batch job has used up its attempts",
  happens: [{ submit: mock(failing, { ...noRestart, ...onceRescheduled }, { Type: "batch" }) }, { pass: 60 }],
  real: true,
  first:
    /failed: 0 of 1 finished.*\nWhy: api\[0\] .*task server exits with code 3.*not started again: its reschedule attempts are used up/,
  says: [/\| no database/, /Next: [\s\S]*stop_job .*then start_job/],
  tokens: 340,
  requests: 16,
};
