import { failingAtOnce, neverRescheduled, noRestart } from "../contract/support/jobs.ts";
import { type Case, deployedSoon, mock, task } from "./case.ts";

export const fault: Case = {
  about: "the version that fails changed a password",
  happens: [
    {
      submit: mock(
        {},
        {
          ...deployedSoon,
          ...noRestart,
          ...neverRescheduled,
          Tasks: [task("server", {}, { Env: { DB_PASSWORD: "Zebra-Quartz-77" } })],
        },
      ),
    },
    { deployed: "main" },
    {
      submit: mock(
        {},
        {
          ...deployedSoon,
          ...noRestart,
          ...neverRescheduled,
          Tasks: [task("server", failingAtOnce, { Env: { DB_PASSWORD: "Yak-Topaz-88" } })],
        },
      ),
    },
    { pass: 40 },
  ],
  real: true,
  first: /failed: the deployment of version 1 failed .*\nWhy: api\[0\] .*task server exits with code 3/,
  says: [/Changed: version 1/, /DB_PASSWORD/],
  never: [/Zebra|Quartz|Yak|Topaz/],
  tokens: 460,
  requests: 18,
};
