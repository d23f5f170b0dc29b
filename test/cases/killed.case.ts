import { neverRescheduled, noDeployment, noRestart } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a task is killed by signal 9, which need not be the want of memory",
  happens: [
    {
      submit: mock(
        { run_for: "1s", exit_code: 137, exit_signal: 9 },
        { ...noRestart, ...noDeployment, ...neverRescheduled },
      ),
    },
    { pass: 20 },
  ],
  real: true,
  first: /dead: 0 of 1 running.*\nWhy: api\[0\] .*killed by signal 9 \(exit code 137\)/,
  says: [/does not allow rescheduling/],
  never: [/memory/i],
  tokens: 240,
  requests: 16,
};
