import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "more allocations than nodes, each on a host of its own",
  happens: [
    { submit: mock({}, { Count: 9, ...noDeployment, Constraints: [{ Operand: "distinct_hosts", RTarget: "true" }] }) },
    { pass: 20 },
  ],
  real: true,
  first:
    /degraded: \d of 9 (?:running|healthy), \d not placed.*\nWhy: \d allocations: distinct_hosts: (\d) of \1 nodes already run one of this job/,
  says: [/Next: lower the count, or add nodes/],
  tokens: 240,
  requests: 12,
};
