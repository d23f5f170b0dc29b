import type { Task } from "./task.ts";

export const task: Task = {
  asked: "Is the control plane all right?",
  servers: 3,
  happens: [{ losesServer: "demo-server-2" }],
  calls: [
    {
      tool: "get_server_health",
      args: () => ({}),
      says: [/^Degraded: 1 of 3 servers has failed \(demo-server-2\.global\).*one more loss and there is no leader\n/],
    },
  ],
  most: 1,
};
