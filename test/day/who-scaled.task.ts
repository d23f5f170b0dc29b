import { mock } from "../cases/case.ts";
import { noDeployment } from "../contract/support/jobs.ts";
import type { Task } from "./task.ts";

export const task: Task = {
  asked: "Who changed the count of api today?",
  happens: [
    { submit: mock({}, noDeployment) },
    { running: "main" },
    { scale: "main", to: 3, message: "submitted using the Nomad CLI" },
    { pass: 5 },
    {
      scale: "main",
      to: 2,
      message: "scaling down because of a queue of 0",
      meta: { "nomad_autoscaler.count.capped": false },
    },
    { pass: 5 },
    { submit: mock({}, noDeployment), as: "other" },
  ],
  real: true,
  calls: [
    {
      tool: "list_job_versions",
      says: [
        /group api scaled 3 -> 2 by the autoscaler: scaling down because of a queue of 0\n/,
        /group api scaled 1 -> 3: submitted using the Nomad CLI\n/,
      ],
    },
  ],
  most: 1,
};
