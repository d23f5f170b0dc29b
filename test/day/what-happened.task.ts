import { mock, restartedForEver } from "../cases/case.ts";
import { noDeployment, nowhere, quickDeployment } from "../contract/support/jobs.ts";
import type { Task } from "./task.ts";

const loops = mock({ run_for: "4s", exit_code: 1 }, { ...noDeployment, ...restartedForEver });

export const task: Task = {
  asked: "What happened on the cluster between ten and twenty minutes ago?",
  happens: [
    { submit: loops, as: "payments" },
    { pass: 120 },
    { submit: mock({}, quickDeployment), as: "early" },
    { pass: 600 },
    { submit: mock({}, quickDeployment), as: "shop" },
    { pass: 60 },
    { submit: mock({}, nowhere), as: "train" },
    { node: "client-2", becomes: "down" },
    { pass: 60 },
    { node: "client-2", becomes: "ready" },
    { pass: 540 },
    { submit: mock({}, quickDeployment), as: "late" },
    { pass: 60 },
  ],
  calls: [
    {
      tool: "get_timeline",
      args: () => ({ since: "20m", until: "10m" }),
      says: [
        /^What happened from \d\d:\d\d:\d\d to \d\d:\d\d:\d\d UTC in namespace default \(3 jobs and 1 node\): \S+-payments-\S+: server exits with code 1, \d+ times/,
        /\n\d\d:\d\d:\d\d \S+-shop-\S+: version 0 submitted\n/,
        /\n\d\d:\d\d:\d\d \S+-train-\S+: no place for group api: /,
        /\n\d\d:\d\d:\d\d node client-2: heartbeat missed\n/,
        // One line for all of the crashes.
        /\n\d\d:\d\d:\d\d \S+-payments-\S+: server exits with code 1 \(\d+ times since \d\d:\d\d:\d\d\)\n/,
      ],
      never: [/-early-/, /-late-/, /payments[\s\S]*payments[\s\S]*payments[\s\S]*payments[\s\S]*payments/],
    },
  ],
  // No ten minutes are waited for, and nothing happens to a node that others use.
  real: {
    happens: [
      { submit: loops, as: "payments" },
      { submit: mock({}, quickDeployment), as: "shop" },
      { submit: mock({}, nowhere), as: "train" },
      { running: "shop" },
    ],
    calls: [
      {
        tool: "get_timeline",
        args: () => ({ since: "2m" }),
        says: [
          /^What happened from \d\d:\d\d:\d\d to \d\d:\d\d:\d\d UTC in namespace default \(/,
          /\n\d\d:\d\d:\d\d \S+-shop-\S+: version 0 submitted\n/,
          /\n\d\d:\d\d:\d\d \S+-train-\S+: no place for group api: /,
          /\n\d\d:\d\d:\d\d \S+-payments-\S+: server exits with code 1 \(\d+ times since \d\d:\d\d:\d\d\)\n/,
        ],
        never: [/\n.*payments.*: server exits[\s\S]*\n.*payments.*: server exits/],
      },
    ],
  },
  most: 1,
};
