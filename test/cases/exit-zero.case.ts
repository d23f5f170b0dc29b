import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock, restarted } from "./case.ts";

export const fault: Case = {
  about: "a service whose program ends by itself with code 0: nothing failed, and yet it does not run",
  happens: [{ submit: mock({ run_for: "1s" }, { ...noDeployment, ...restarted }) }, { pass: 30 }],
  real: true,
  first: /crash looping: .*\nWhy: api\[0\] .*task server ends by itself with code 0/,
  never: [/: running: /, /exits with code [1-9]/],
  tokens: 260,
  requests: 16,
};
