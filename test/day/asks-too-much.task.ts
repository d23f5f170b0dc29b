import { mock } from "../cases/case.ts";
import { noDeployment } from "../contract/support/jobs.ts";
import type { Task } from "./task.ts";

export const task: Task = {
  asked: "Which jobs ask for far more memory than they use?",
  // The demo's web asks for 128 MB and uses 11; nothing is known of what the mock driver runs.
  happens: [{ submit: mock({}, noDeployment) }, { running: "main" }, { pass: 15 }],
  seeded: true,
  calls: [
    {
      tool: "get_job_usage",
      args: () => ({ follow_seconds: 1 }),
      says: [
        /^1 of 3 running tasks .* asks for far more memory than used in 1s: 351 MB idle, 1 not measured\n/,
        /\nweb +web\/nginx +3 +128 +11 +200 +30 +351\n/,
        /\ncheckout +api +2 +256 +201 /,
        /-main-\S+ +\S+ +1 +16 +not measured +20 +not measured\n/,
        /no ground to cut memory to it/,
      ],
    },
  ],
  most: 2,
};
