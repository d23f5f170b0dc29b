import { mock, restartedForEver } from "../cases/case.ts";
import { failingAtOnce, noDeployment, nowhere } from "../contract/support/jobs.ts";
import type { Task } from "./task.ts";

export const task: Task = {
  asked: "Is anything wrong, and what do I do first?",
  happens: [
    {
      submit: mock({}, noDeployment, {
        Constraints: [{ LTarget: `\${node.unique.name}`, RTarget: "client-2", Operand: "=" }],
      }),
      as: "pinned",
    },
    { submit: mock({}, { ...noDeployment, Count: 2 }), as: "spread" },
    { submit: mock({}, { ...noDeployment, Count: 2 }), as: "other" },
    { submit: mock(failingAtOnce, { ...noDeployment, ...restartedForEver }), as: "loops" },
    { submit: mock({}, noDeployment, nowhere), as: "never" },
    { pass: 60 },
    { node: "client-2", becomes: "down" },
    { pass: 140 },
  ],
  calls: [
    {
      tool: "find_problems",
      args: () => ({}),
      // The node and whom it hit, then the crash loop, what never ran last.
      says: [
        /1\. node client-2 \(dc1\) is down[\s\S]*no place elsewhere[^\n]*-pinned-[\s\S]*\n2\. crash looping[^\n]*-loops-[\s\S]*\n3\. never placed[^\n]*-never-/,
      ],
    },
  ],
  most: 1,
};
