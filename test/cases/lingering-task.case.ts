import { type Case, mock, task } from "./case.ts";

export const fault: Case = {
  about: "a batch job whose main task is done, while another one runs on",
  happens: [
    {
      submit: mock(
        {},
        { Tasks: [task("extract", { run_for: "2s" }), task("log-shipper", { run_for: "24h" })] },
        { Type: "batch" },
      ),
    },
    { pass: 60 },
  ],
  real: true,
  tool: "get_job_status",
  first:
    /running: 0 of 1 finished, 1 running.*\nWhy: api\[0\] .*task extract finished .* ago, and log-shipper runs on; it ends only when log-shipper does/,
  says: [/make the other task leader = true, or log-shipper a prestart task with sidecar = true/],
  tokens: 230,
  requests: 12,
};
