import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "the only node that meets a constraint on its meta is being drained",
  happens: [
    { node: "client-3", becomes: "ineligible" },
    {
      submit: mock({}, noDeployment, { Constraints: [{ LTarget: `\${meta.rack}`, RTarget: "r2", Operand: "=" }] }),
    },
    { pass: 15 },
  ],
  first:
    /not placed: 0 of 1 running.*\nWhy: it would fit on client-3, which is ineligible; the constraint \$\{meta\.rack\} = r2 rules out 2 of 2 ready nodes/,
  says: [/Next: (1\. )?let client-3 take work again: set_node_eligibility node=client-3 eligible=true/],
  never: [/drop the constraint/],
  tokens: 260,
  requests: 18,
};
