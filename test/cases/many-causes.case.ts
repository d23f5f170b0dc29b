import { neverRescheduled, noDeployment, noRestart } from "../contract/support/jobs.ts";
import { mockJob } from "../support/demo-session.ts";
import { type Case, task } from "./case.ts";

const group = (Name: string, exit_code: number, said: string) => ({
  ...{ Name, Count: 1, ...noDeployment, ...noRestart, ...neverRescheduled },
  Tasks: [task("app", { run_for: "1s", exit_code, stderr_string: `${said}\n` })],
});

export const fault: Case = {
  about: "five groups, four of which fail, each in its own way",
  happens: [
    {
      submit: (id) => ({
        ...mockJob(id),
        TaskGroups: [
          group("api", 11, "no licence"),
          group("queue", 12, "disk full"),
          group("cron", 13, "bad spec"),
          group("mail", 14, "no relay"),
          { Name: "web", Count: 1, ...noDeployment, Tasks: [task("app")] },
        ],
      }),
    },
    { pass: 30 },
  ],
  real: true,
  tool: "get_job_status",
  first: /degraded: 1 of 5 (running|healthy).*\nWhy: \w+\[0\] .*task app exits with code 1[1-4]/,
  says: [/\n {5}and 2 more: \w+ and \w+/],
  tokens: 400,
  requests: 14,
};
