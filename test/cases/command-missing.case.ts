import { neverRescheduled, noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a command that no node has",
  happens: [
    {
      submit: mock(
        {},
        {
          ...neverRescheduled,
          ...noDeployment,
          Tasks: [
            {
              Name: "server",
              Driver: "raw_exec",
              Config: { command: "/opt/no-such-program" },
              Resources: { CPU: 20, MemoryMB: 16 },
            },
          ],
        },
      ),
    },
    { pass: 20 },
  ],
  real: true,
  first: /dead: .*\nWhy: api\[0\] .*task server cannot be started: .*"\/opt\/no-such-program" could not be found/,
  never: [/exits with/, /it logged nothing/],
  tokens: 260,
  requests: 16,
};
