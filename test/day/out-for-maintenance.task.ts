import { mock } from "../cases/case.ts";
import { noDeployment } from "../contract/support/jobs.ts";
import type { Task } from "./task.ts";

const target = { LTarget: `\${node.unique.name}`, RTarget: "client-3", Operand: "=" };

export const task: Task = {
  asked: "Take client-3 out for maintenance: what would break? Do it. Put it back.",
  happens: [
    // It is there, and may be elsewhere.
    { submit: mock({}, noDeployment, { Constraints: [target] }) },
    { running: "main" },
    { submit: mock({}, noDeployment) },
    { submit: mock({}, {}, { Type: "batch", Constraints: [target] }), as: "import" },
    { running: "import" },
    { pass: 15 },
  ],
  real: true,
  calls: [
    {
      tool: "get_node_status",
      args: () => ({ node: "client-3", drain_preview: true }),
      says: [
        /^A drain of client-3 \(ready\) would move 1 allocation of 1 service \(1 with a gap\) and kill 1 of batch work for good\n/,
        /\ngap: \S+-main-\S+: /,
        /\nkilled for good: \S+-import-\S+: /,
        /\nNext: drain_node node=client-3 /,
      ],
    },
    {
      tool: "drain_node",
      args: () => ({ node: "client-3", deadline: 5, reason: "maintenance", wait_seconds: 45 }),
      says: [
        /^client-3 is drained and empty after \S+: 1 moved and 1 killed for good\n/,
        /\nKilled, and not run again unless it is submitted anew: \S+-import-/,
        /\nNext: .*set_node_eligibility node=client-3 eligible=true/,
      ],
    },
    {
      tool: "set_node_eligibility",
      args: () => ({ node: "client-3", eligible: true }),
      says: [/^client-3 takes new allocations again\n/],
    },
  ],
  most: 4,
};
