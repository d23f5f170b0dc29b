import { quickDeployment } from "../contract/support/jobs.ts";
import { mockJob } from "../support/demo-session.ts";
import { read, type Task } from "./task.ts";

export const task: Task = {
  asked: "Run two of a small service with whatever driver there is.",
  real: true,
  calls: [
    {
      tool: "list_nodes",
      args: () => ({}),
      says: [/^3 nodes: all take work/, /\nDrivers where work is taken: .*mock_driver.* on all/],
    },
    {
      tool: "submit_job_file",
      args: (id, [drivers]) => {
        const Driver = read(drivers, /Drivers where work is taken: .*\b(mock_driver)\b.* on all/);
        const serves = { Name: "server", Driver, Config: { run_for: "1h" }, Resources: { CPU: 20, MemoryMB: 16 } };
        const Networks = [{ DynamicPorts: [{ Label: "http" }] }];
        const group = { ...quickDeployment, Count: 2, Networks, Tasks: [serves] };
        return { job_file: JSON.stringify({ Job: mockJob(id("main"), {}, group) }) };
      },
      says: [/running: 2 of 2 healthy/, /\nPorts: http \S+:\d+ and http \S+:\d+$/m],
    },
  ],
  most: 3,
};
