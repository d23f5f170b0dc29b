import { failing, neverRescheduled, noRestart } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a dispatched run of a parameterized job failed",
  happens: [
    {
      submit: mock(
        failing,
        { ...noRestart, ...neverRescheduled },
        { Type: "batch", ParameterizedJob: { Payload: "forbidden", MetaRequired: ["who"] } },
      ),
    },
    { dispatch: "main", meta: { who: "me" } },
    { pass: 30 },
  ],
  real: true,
  first: /last run \S+ failed \(exit code \d+\).*\nWhy: run \S+\/dispatch-\d+-\w+: failed: 0 of 1 finished/,
  says: [/task server exits with code 3/, /\| no database/],
  tokens: 420,
  requests: 16,
};
