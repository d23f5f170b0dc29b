import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "more allocations than nodes, all of the same static port",
  happens: [
    {
      submit: mock(
        {},
        { Count: 20, ...noDeployment, Networks: [{ ReservedPorts: [{ Label: "http", Value: 18080 }] }] },
      ),
    },
    { pass: 20 },
  ],
  real: true,
  first:
    /degraded: \d of 20 (?:running|healthy), \d+ not placed.*\nWhy: \d+ allocations: port 18080 \(http\) is held by its own allocations on (\d) of \1 nodes: one allocation a node/,
  says: [/Next: 1\. use a dynamic port/],
  never: [/memory/],
  tokens: 260,
  requests: 12,
};
