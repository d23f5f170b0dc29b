import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "batch work that a drain killed: nothing runs it again",
  happens: [
    { submit: mock({ run_for: "24h" }, {}, { Type: "batch", Datacenters: ["dc2"] }) },
    { pass: 20 },
    { node: "client-3", becomes: "drained" },
    { pass: 3700 },
  ],
  tool: "get_job_status",
  first:
    /failed: 0 of 1 finished.*\nWhy: api\[0\] \(\w{8} on client-3\) was killed by the drain of node client-3 before it was done; Nomad does not run it again by itself/,
  says: [/Next: to run it again: stop_job job_id=\S+, then start_job/],
  never: [/job file|not placed/],
  tokens: 170,
  requests: 10,
};
