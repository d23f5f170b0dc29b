import { nowhere } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a system job that fits on no node",
  happens: [{ submit: mock({}, nowhere, { Type: "system" }) }, { pass: 15 }],
  real: true,
  first: /not placed: .*\nWhy: the constraint \$\{attr\.kernel\.name\} = plan9 rules out/,
  never: [/successful/],
  tokens: 220,
  requests: 12,
};
