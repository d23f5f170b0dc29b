import { mockJob } from "../support/demo-session.ts";
import { read, type Task } from "./task.ts";

/** What has files and processes of its own: a program, no mock. */
const main = { Name: "main", Driver: "raw_exec", Config: { command: "/bin/sleep", args: ["3600"] } };
const Tasks = [{ ...main, Resources: { CPU: 20, MemoryMB: 16 } }];

const both = ["sh", "-c", "cat /etc/resolv.conf; ps"];

export const task: Task = {
  asked: "What does task main of api see as /etc/resolv.conf, and what runs in it?",
  happens: [{ submit: (id) => mockJob(id, {}, { Tasks }) }, { running: "main" }, { pass: 15 }],
  real: true,
  calls: [
    { tool: "get_allocation_status", says: [/\b[0-9a-f]{8}\b/] },
    {
      tool: "exec_in_allocation",
      args: (_, [first]) => ({ allocation_id: read(first, /\b([0-9a-f]{8})\b/), task: "main", command: both }),
      says: [
        /^sh -c 'cat .*' exited with code 0 in task main of api\[0\] /,
        /\n\| nameserver \d/,
        /\n\| +PID .*\n\| +\d+ /,
      ],
    },
  ],
  most: 2,
};
