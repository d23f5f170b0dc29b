import { nowhere } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a constraint that no node meets",
  happens: [{ submit: mock({}, nowhere) }, { pass: 15 }],
  real: true,
  first:
    /not placed: 0 of 1 running.*\nWhy: the constraint \$\{attr\.kernel\.name\} = plan9 rules out (\d+) of \1 nodes?/,
  says: [/Next: change or drop the constraint/],
  tokens: 220,
  requests: 12,
};
