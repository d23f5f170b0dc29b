import { failing, neverRescheduled, noDeployment, noRestart } from "../contract/support/jobs.ts";
import { type Case, mock, task } from "./case.ts";

export const fault: Case = {
  about: "a task that prepares the others fails",
  happens: [
    {
      submit: mock(
        {},
        {
          ...noRestart,
          ...neverRescheduled,
          ...noDeployment,
          Tasks: [
            task(
              "migrate",
              { ...failing, stderr_string: "relation users exists\n" },
              { Lifecycle: { Hook: "prestart" } },
            ),
            task("server"),
          ],
        },
      ),
    },
    { pass: 30 },
  ],
  real: true,
  first: /dead: 0 of 1 running.*\nWhy: api\[0\] .*task migrate exits with code 3/,
  says: [/\| relation users exists/],
  never: [/task server exits/],
  tokens: 280,
  requests: 16,
};
