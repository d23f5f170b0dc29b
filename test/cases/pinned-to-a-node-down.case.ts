import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a job is pinned to a node that is down",
  happens: [
    { node: "client-2", becomes: "down" },
    { pass: 240 },
    {
      submit: mock({}, noDeployment, {
        Constraints: [{ LTarget: `\${node.unique.name}`, RTarget: "client-2", Operand: "=" }],
      }),
    },
    { pass: 15 },
  ],
  first: /not placed: 0 of 1 running.*\nWhy: it is pinned to client-2, which has been down for 4m; the constraint/,
  says: [/rules out 2 of 2 ready nodes/, /Next: (1\. )?bring client-2 back \(get_node_status node=client-2\)/],
  never: [/drop the constraint/],
  tokens: 260,
  requests: 18,
};
