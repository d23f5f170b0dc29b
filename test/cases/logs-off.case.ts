import { neverRescheduled, noDeployment, noRestart } from "../contract/support/jobs.ts";
import { type Case, mock, task } from "./case.ts";

const quiet = { LogConfig: { Disabled: true, MaxFiles: 10, MaxFileSizeMB: 10 } };

export const fault: Case = {
  about: "a task fails, and its output is not kept",
  happens: [
    {
      submit: mock(
        {},
        {
          ...{ ...noDeployment, ...noRestart, ...neverRescheduled },
          Tasks: [task("server", { run_for: "1s", exit_code: 3, stderr_string: "unseen\n" }, quiet)],
        },
      ),
    },
    { pass: 20 },
  ],
  real: true,
  tool: "get_job_status",
  first: /dead: 0 of 1 (running|healthy).*\nWhy: api\[0\] .*task server exits with code 3/,
  says: [/\(its output is not kept: logs \{ disabled = true \} in its task\)/],
  never: [/logged nothing|unseen|get_job_logs/],
  tokens: 180,
  requests: 12,
};
