import { type Case, mock } from "./case.ts";

const second = 1e9;
const update = {
  MaxParallel: 1,
  MinHealthyTime: 3 * second,
  HealthyDeadline: 40 * second,
  ProgressDeadline: 90 * second,
};
const version = (v: string) => mock({ stdout_string: v }, { Count: 3, Update: update });

export const fault: Case = {
  about: "somebody has paused a rollout: it never ends by itself",
  happens: [
    { submit: version("1") },
    { deployed: "main" },
    { submit: version("2") },
    { pass: 2 },
    { pause: "main" },
    { pass: 300 },
  ],
  real: true,
  tool: "get_job_status",
  first:
    /waiting: the deployment of version 1 was paused .* goes on only when it is resumed: \d of 3 on version 1.*\nNext: pause_deployment deployment_id=\w{8} resume=true/,
  never: [/deploying|failed/],
  tokens: 220,
  requests: 10,
};
