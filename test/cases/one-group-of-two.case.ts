import { failing, noDeployment } from "../contract/support/jobs.ts";
import { mockJob } from "../support/demo-session.ts";
import { type Case, restarted, task } from "./case.ts";

export const fault: Case = {
  about: "one group fails beside one that is well",
  happens: [
    {
      submit: (id) => ({
        ...mockJob(id),
        TaskGroups: [
          { Name: "api", Count: 2, ...noDeployment, Tasks: [task("server")] },
          {
            Name: "worker",
            Count: 1,
            ...noDeployment,
            ...restarted,
            Tasks: [task("work", { ...failing, stderr_string: "queue is gone\n" })],
          },
        ],
      }),
    },
    { pass: 40 },
  ],
  real: true,
  first: /crash looping: .*of 3.*\nWhy: worker\[0\] .*task work exits with code 3/,
  says: [/\| queue is gone/],
  never: [/api\[\d\]: server/],
  tokens: 300,
  requests: 16,
};
