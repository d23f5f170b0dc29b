import { mock, restartedForEver } from "../cases/case.ts";
import { failing, noDeployment } from "../contract/support/jobs.ts";
import type { Task } from "./task.ts";

export const task: Task = {
  asked: "worker keeps dying: what does it say, how often, and is it the machine?",
  happens: [
    {
      submit: mock(failing, {
        ...noDeployment,
        ...restartedForEver,
        Count: 3,
        Constraints: [{ Operand: "distinct_hosts", RTarget: "true" }],
      }),
    },
    { pass: 120 },
  ],
  real: true,
  calls: [
    {
      tool: "diagnose_job",
      // One count since when, the log line, the nodes it died on.
      says: [/(exits with code 3|exit code 3)/, /\d+ times in \d+/, /no database/, /it fails on 3 nodes: not the node/],
    },
  ],
  most: 2,
};
