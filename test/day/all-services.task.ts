import { mock } from "../cases/case.ts";
import { noDeployment } from "../contract/support/jobs.ts";
import type { Task } from "./task.ts";

/** A group whose service has a check on a port where nobody listens, or no check. */
const offering = (name: string, checks: readonly object[]) => ({
  ...noDeployment,
  Networks: [{ DynamicPorts: [{ Label: "http" }] }],
  Services: [{ Name: name, Provider: "nomad", PortLabel: "http", Checks: checks }],
});
const alive = { Name: "alive", Type: "http", Path: "/health", Interval: 1e9, Timeout: 1e9 };

export const task: Task = {
  asked: "All services, where they answer, and which checks fail.",
  happens: [
    { submit: mock({}, offering("day-shop", [alive])) },
    { submit: mock({}, offering("day-plain", [])), as: "plain" },
    { running: "main" },
    { running: "plain" },
    { pass: 15 },
  ],
  real: true,
  calls: [
    {
      tool: "list_services",
      args: () => ({}),
      says: [
        /^\d+ services in namespace default; 1 instance.* with a check that fails: day-shop/,
        /day-shop +\S+:\d+ +\S+ +\S+ +\S+ +check alive fails\n/,
        /day-plain +\S+:\d+ .*no check/,
        /check alive of day-shop at \S+: .*refused/,
      ],
    },
  ],
  most: 1,
};
