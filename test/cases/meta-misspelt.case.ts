import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a constraint on a key of the nodes' meta that is spelt otherwise",
  happens: [
    { submit: mock({}, {}, { Constraints: [{ LTarget: `\${meta.raack}`, RTarget: "r1", Operand: "=" }] }) },
    { pass: 15 },
  ],
  real: true,
  first:
    /not placed: 0 of 1 running.*\nWhy: the constraint \$\{meta\.raack\} = r1 rules out (\d) of \1 nodes: no node has meta\.raack; there is meta\.rack/,
  says: [/Next: write \$\{meta\.rack\} in the constraint/],
  tokens: 200,
  requests: 16,
};
