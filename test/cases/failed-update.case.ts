import { neverRescheduled, noRestart } from "../contract/support/jobs.ts";
import { type Case, deployedSoon, mock } from "./case.ts";

export const fault: Case = {
  about: "a version that cannot start replaces one that worked, and stays",
  happens: [
    { submit: mock({}, { ...deployedSoon, ...noRestart, ...neverRescheduled }) },
    { deployed: "main" },
    {
      submit: mock(
        { start_error: "image shop/api:9 not found" },
        { ...deployedSoon, ...noRestart, ...neverRescheduled },
      ),
    },
    { pass: 40 },
  ],
  real: true,
  first:
    /failed: the deployment of version 1 failed .*version 0 ran before.*\nWhy: api\[0\] .*task server cannot be started: image shop\/api:9 not found/,
  says: [
    /Changed: version 1 \(.*\) against version 0, which was stable:\n.*start_error/,
    /Last hour[\s\S]*version 1 submitted[\s\S]*deployment of version 1 failed/,
    /Next: 1\. (revert_job job_id=\S+ version=0|nomad job revert \S+ 0)/,
  ],
  tokens: 420,
  requests: 18,
};
