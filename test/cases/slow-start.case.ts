import { neverRescheduled } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

const second = 1e9;

export const fault: Case = {
  about: "a start that takes longer than the deployment waits for",
  happens: [
    {
      submit: mock(
        { start_block_for: "15s" },
        {
          ...neverRescheduled,
          Update: { MaxParallel: 1, MinHealthyTime: second, HealthyDeadline: 5 * second, ProgressDeadline: 8 * second },
        },
      ),
    },
    { pass: 40 },
  ],
  real: true,
  tool: "get_job_status",
  first:
    /failed: the deployment of version 0 failed.*1 of 1 running.*\nWhy: api\[0\] .*runs, but was not healthy in time/,
  says: [/Next: raise healthy_deadline and progress_deadline above the time that its start takes and submit_job_file/],
  never: [/fix|mend/],
  tokens: 200,
  requests: 10,
};
