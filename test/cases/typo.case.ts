// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nomad writes its attributes so
import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a job that never was, but one that is called nearly so",
  happens: [{ submit: mock({}, noDeployment) }, { pass: 15 }],
  real: true,
  args: (id) => ({ job_id: `${id("main")}x` }),
  refused: true,
  first: /There is no job "\S+x" in namespace default\. Nearest: contract-typo-main-/,
  tokens: 120,
  requests: 8,
};
