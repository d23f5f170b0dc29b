import { failing, noDeployment } from "../contract/support/jobs.ts";
import { mockJob } from "../support/demo-session.ts";
import { type Case, restarted } from "./case.ts";

export const fault: Case = {
  about: "a job that is in another namespace than the one asked",
  happens: [
    { namespace: "prod" },
    { submit: (id) => ({ ...mockJob(id, failing, { ...noDeployment, ...restarted }), Namespace: "prod" }) },
    { pass: 30 },
  ],
  real: true,
  first: /is in namespace prod, not in default\)\n.*namespace prod\): crash looping/,
  says: [/Why: api\[0\] .*task server exits with code 3/, /Next: .*namespace=prod/],
  tokens: 340,
  requests: 20,
};
