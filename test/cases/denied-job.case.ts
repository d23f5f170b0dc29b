import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a token that may not read the job",
  happens: [{ submit: mock({}, noDeployment) }, { pass: 10 }],
  real: true,
  denied: [/^\/v1\/job\//],
  refused: true,
  first: /403 Permission denied\nNo token is set/,
  tokens: 120,
  requests: 4,
};
