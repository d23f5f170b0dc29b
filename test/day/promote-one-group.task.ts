import { deployedSoon } from "../cases/case.ts";
import { mockJob } from "../support/demo-session.ts";
import { read, type Task } from "./task.ts";

const second = 1e9;

/** A job of two groups, each of which is tried with a canary. */
const version = (run_for: string) => (id: string) => {
  const task = { Name: "server", Driver: "mock_driver", Config: { run_for }, Resources: { CPU: 20, MemoryMB: 16 } };
  const Update = { ...deployedSoon.Update, Canary: 1, MaxParallel: 2, MinHealthyTime: second };
  const groups = ["web", "worker"].map((Name) => ({ Name, Count: 2, Tasks: [task], Update }));
  return mockJob(id, {}, {}, { TaskGroups: groups });
};

export const task: Task = {
  asked: "The canary of api looks good, but only in group web. Promote that group.",
  happens: [{ submit: version("1h") }, { deployed: "main" }, { submit: version("2h") }, { pass: 15 }],
  real: true,
  calls: [
    {
      tool: "get_deployment_status",
      says: [/ waits for promotion: 2 canaries healthy, .*\nCanaries: /],
    },
    {
      tool: "promote_deployment",
      args: (_, [before]) => ({ deployment_id: read(before, /^deployment (\w{8}) /), groups: ["web"] }),
      // That it is promoted, and what is left.
      says: [/^group web of \S+ promoted .*web 2 of 2 healthy/, /\nNot promoted: worker \(1 of 1 canary healthy\)/],
    },
  ],
  most: 2,
};
