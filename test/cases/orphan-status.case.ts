import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a parameterized job that was purged while a run of it goes on",
  happens: [
    { submit: mock({}, {}, { Type: "batch", ParameterizedJob: { Payload: "optional" } }) },
    { dispatch: "main" },
    { pass: 5 },
    { purge: "main" },
  ],
  real: true,
  tool: "get_job_status",
  refused: true,
  first: /There is no job .* It was purged and has left 1 run, which goes on: \S+\/dispatch-\S+ \(running\)\./,
  never: [/list_nomad_jobs/],
  tokens: 120,
  requests: 12,
};
