import { mock } from "../cases/case.ts";
import { noDeployment } from "../contract/support/jobs.ts";
import type { Task } from "./task.ts";

const onClient1 = { Constraints: [{ LTarget: `\${node.unique.name}`, RTarget: "client-1", Operand: "=" }] };
const large = {
  Name: "server",
  Driver: "mock_driver",
  Config: { run_for: "1h" },
  Resources: { CPU: 500, MemoryMB: 2_048 },
};

export const task: Task = {
  asked: "Which nodes can take work, and how much memory is free on each?",
  happens: [
    { submit: mock({}, { ...noDeployment, Tasks: [large] }, onClient1) },
    { running: "main" },
    { node: "client-2", becomes: "down" },
    { node: "client-3", becomes: "ineligible" },
    { pass: 15 },
  ],
  calls: [
    {
      tool: "list_nodes",
      args: () => ({}),
      says: [
        /^3 nodes: 1 takes work, 6,144 MB memory and 3,500 MHz CPU free there\n/,
        /\nclient-1 +ready +6,144 of 8,192 +3,500 of 4,000 +1 /,
        /\nclient-2 +down +\? of 8,192 /,
        /\nclient-3 +ineligible +8,192 of 8,192 /,
      ],
    },
  ],
  most: 1,
};
