import { noDeployment, noRestart } from "../contract/support/jobs.ts";
import { type Case, mock, task } from "./case.ts";

const flush = { run_for: "200ms", exit_code: 9, stderr_string: "flush: bucket not found\n" };

export const fault: Case = {
  about: "a poststop task fails while the job is stopped",
  happens: [
    {
      submit: mock(
        {},
        {
          ...{ ...noDeployment, ...noRestart },
          Tasks: [task("main"), task("flush", flush, { Lifecycle: { Hook: "poststop", Sidecar: false } })],
        },
      ),
    },
    { running: "main" },
    { stop: "main" },
    { pass: 20 },
  ],
  real: true,
  tool: "get_job_status",
  first: /stopped .*: nothing of it runs\nWhy: api\[0\] .*task flush exits with code 9/,
  says: [/\| flush: bucket not found/, /start_job/],
  tokens: 180,
  requests: 12,
};
