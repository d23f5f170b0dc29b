import { mock } from "../cases/case.ts";
import { noDeployment } from "../contract/support/jobs.ts";
import { mockJob } from "../support/demo-session.ts";
import type { Task } from "./task.ts";

/** Needs a fraction of what it asks for. */
const idle = { Name: "idle", Driver: "raw_exec", Config: { command: "/bin/sleep", args: ["3600"] } };
const Tasks = [{ ...idle, Resources: { CPU: 20, MemoryMB: 300 } }];

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
  // A client measures only where its configuration says so, and what it does not is said.
  real: {
    happens: [{ submit: (id) => mockJob(id, {}, { Tasks }) }, { running: "main" }],
    calls: [
      {
        tool: "get_job_usage",
        args: (id) => ({ job_id: id("main"), follow_seconds: 3 }),
        says: [
          /^(Task idle of \S+ used at most \d+ of 300 MB memory in 3s: \d+ MB idle\n|Memory is not measured .*publish_allocation_metrics)/,
          /\n\S+-main-\S+ +api\/idle +1 +300 +(\d+ +20 +\d+ +2\d\d|not measured +20 +not measured)\n/,
        ],
      },
    ],
  },
  most: 2,
};
