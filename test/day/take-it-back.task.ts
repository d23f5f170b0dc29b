import { deployedSoon, mock } from "../cases/case.ts";
import { neverRescheduled, noRestart } from "../contract/support/jobs.ts";
import { read, type Task } from "./task.ts";

const group = { ...deployedSoon, ...noRestart, ...neverRescheduled };

export const task: Task = {
  asked: "orders was updated this morning and is broken: what changed? Take it back. Does it serve now?",
  happens: [
    { submit: mock({ stdout_string: "one" }, group) },
    { deployed: "main" },
    { submit: mock({ start_error: "image shop/orders:9 not found" }, group) },
    { pass: 40 },
  ],
  real: true,
  calls: [
    {
      tool: "diagnose_job",
      says: [
        /Changed: version 1 .* against version 0, which was stable:\n.*start_error/,
        /Next: 1\. revert_job \S+ version=0/,
      ],
    },
    {
      tool: "revert_job",
      args: (id, [before]) => ({ job_id: id("main"), version: read(before, /revert_job \S+ version=(\d+)/) }),
      // What "healthy" rests on, where that is little.
      says: [/running: 1 of 1 healthy/, /no check/],
    },
  ],
  most: 3,
};
