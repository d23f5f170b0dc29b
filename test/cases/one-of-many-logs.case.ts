import type { Case } from "./case.ts";
import { fault as oneOfMany } from "./one-of-many.case.ts";

export const fault: Case = {
  about: "whose log is shown where one of twelve crash-loops: its own",
  happens: oneOfMany.happens ?? [],
  real: true,
  tool: "get_job_logs",
  first: /task server of api\[0\] .*chosen as the reason why the job is crash looping/,
  args: (id) => ({ job_id: id("main"), lines: "5" }),
  says: [/\| lost lease/],
  tokens: 200,
  requests: 16,
};
