import { failing, noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock, restarted } from "./case.ts";

export const fault: Case = {
  about: "a service exits with code 3 again and again; its log says why",
  happens: [{ submit: mock(failing, { ...noDeployment, ...restarted }) }, { pass: 40 }],
  real: true,
  first: /crash looping: .*\nWhy: api\[0\] .*task server exits with code 3, \d+ times/,
  says: [/\| no database/, /Last hour[\s\S]*api\[0\]: server exits with code 3 \(\d+ times\)/, /Next: .*get_job_logs/],
  never: [/memory|placed|deployment/i],
  tokens: 300,
  requests: 16,
};
