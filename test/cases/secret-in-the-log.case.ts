import { failing, noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock, restarted, task } from "./case.ts";

export const fault: Case = {
  about: "a program prints the password that its job gives it",
  happens: [
    {
      submit: mock(
        {},
        {
          ...noDeployment,
          ...restarted,
          Tasks: [
            task(
              "server",
              { ...failing, stderr_string: "cannot log in with Zebra-Quartz-77 at db.internal\n" },
              { Env: { DB_PASSWORD: "Zebra-Quartz-77" } },
            ),
          ],
        },
      ),
    },
    { pass: 30 },
  ],
  real: true,
  first: /crash looping: .*\nWhy: api\[0\] .*task server exits with code 3/,
  says: [/\| cannot log in with \[masked[^\n]*at db\.internal/],
  never: [/Zebra|Quartz/],
  tokens: 320,
  requests: 16,
};
