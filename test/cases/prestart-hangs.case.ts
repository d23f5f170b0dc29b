import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock, task } from "./case.ts";

export const fault: Case = {
  about: "a task that prepares the others does not end",
  happens: [
    {
      submit: mock(
        {},
        { ...noDeployment, Tasks: [task("wait-for-db", {}, { Lifecycle: { Hook: "prestart" } }), task("server")] },
      ),
    },
    { pass: 60 },
  ],
  real: true,
  first:
    /waiting: 0 of 1 running.*\nWhy: api\[0\] .*task server waits for task wait-for-db, which has been running for/,
  never: [/: running: /],
  tokens: 240,
  requests: 16,
};
