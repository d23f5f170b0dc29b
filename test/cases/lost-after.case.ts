import type { Case } from "./case.ts";

export const fault: Case = {
  about: "a node is disconnected, and the group waits an hour before it is replaced",
  recorded: {
    folder: "web",
    edit(state) {
      for (const group of state.job.TaskGroups ?? []) group.Disconnect = { LostAfter: 3600e9, Replace: false };
      for (const allocation of state.allocations)
        Object.assign(allocation, { ClientStatus: "unknown", ModifyTime: (state.now - 60_000) * 1e6 });
      for (const node of state.nodes) Object.assign(node, { Status: "disconnected" });
    },
  },
  tool: "get_job_status",
  first:
    /waiting: 0 of 3 running.*\nWhy: api\[\d\] .*cannot be seen: node \S+ is disconnected.*no replacement is started for another 59m \(lost_after = 1h, replace = false\)/,
  says: [/Next: bring dev-1 back \(get_node_status node=dev-1\); it then goes on by itself/],
  never: [/job file/],
  tokens: 250,
  requests: 12,
};
