import { failing, neverRescheduled, noRestart } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "last night's run of a periodic job failed",
  happens: [
    {
      submit: mock(
        failing,
        { ...noRestart, ...neverRescheduled },
        { Type: "batch", Periodic: { Enabled: true, SpecType: "cron", Specs: ["0 2 1 1 *"], TimeZone: "UTC" } },
      ),
    },
    { force: "main" },
    { pass: 30 },
  ],
  real: true,
  first: /last run \S+ failed \(exit code \d+\).*\nWhy: run \S+\/periodic-\d+: failed: 0 of 1 finished/,
  says: [/task server exits with code 3/, /\| no database/],
  tokens: 420,
  requests: 16,
};
