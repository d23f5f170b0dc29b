import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock, restartedForEver, task } from "./case.ts";

// Of its config only what is text is filled in per allocation: the one of index 0 ends at once, the others in hours.
const server = task("server", { run_for: `\${NOMAD_ALLOC_INDEX}h`, exit_code: 4, stderr_string: "lost lease\n" });
const group = (Count: number) => ({ Count, ...noDeployment, ...restartedForEver, Tasks: [server] });

export const fault: Case = {
  about: "one allocation of twelve crash-loops in place, and eleven newer ones run",
  happens: [{ submit: mock({}, group(1)) }, { pass: 20 }, { submit: mock({}, group(12)) }, { pass: 60 }],
  real: true,
  tool: "get_job_status",
  first: /crash looping: 1 of 12, 11 running, .*\nWhy: api\[0\] .*task server exits with code 4/,
  says: [/\| lost lease/, /Next: get_job_logs/],
  never: [/alike|not looked at/],
  tokens: 330,
  requests: 10,
};
