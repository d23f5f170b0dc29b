import { noRestart } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a task that takes longer to start than its deployment waits",
  happens: [
    {
      submit: mock(
        { start_block_for: "10m" },
        {
          ...noRestart,
          Update: { MaxParallel: 1, MinHealthyTime: 100e6, HealthyDeadline: 4e9, ProgressDeadline: 6e9 },
        },
      ),
    },
    { pass: 20 },
  ],
  real: true,
  first: /failed: the deployment of version 0 failed .*: 0 of 1 running.*\nWhy: api\[0\] .*task server has not started/,
  never: [/exits with|no place/],
  tokens: 300,
  requests: 16,
};
