import { mock, task as mockTask } from "../cases/case.ts";
import { noDeployment } from "../contract/support/jobs.ts";
import type { Task } from "./task.ts";

const onClient3 = { Constraints: [{ LTarget: `\${node.unique.name}`, RTarget: "client-3", Operand: "=" }] };

export const task: Task = {
  asked: "Why is ledger not running?",
  happens: [
    // Takes its time to go, so that the drain goes on.
    {
      submit: mock(
        {},
        { ...noDeployment, Tasks: [mockTask("slow", { kill_after: "5m" }, { KillTimeout: 400e9 })] },
        onClient3,
      ),
      as: "slow",
    },
    { running: "slow" },
    { node: "client-3", becomes: "drained" },
    {
      submit: mock({}, noDeployment, onClient3),
    },
    { pass: 15 },
  ],
  calls: [
    {
      tool: "diagnose_job",
      // The node and its drain, not the constraint.
      says: [/^.*not placed.*\nWhy: [^\n]*client-3[^\n]*(draining|being drained)/],
      never: [/drop the constraint/],
    },
  ],
  most: 1,
};
