import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "an operator has paused the evaluation broker: a new job stays pending",
  happens: [{ pausesScheduling: true }, { submit: mock() }, { pass: 60 }],
  tool: "get_job_status",
  first:
    /pending: the evaluation broker is paused: nothing is scheduled.* until an operator resumes it.*\nNext: set_scheduler_config setting=pause_eval_broker value=off/,
  never: [/has not taken/],
  tokens: 100,
  requests: 10,
};
