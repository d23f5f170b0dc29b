import type { Case } from "./case.ts";

export const fault: Case = {
  about: "a node is disconnected: its allocation may run or not",
  recorded: {
    folder: "web",
    edit(state) {
      for (const allocation of state.allocations)
        Object.assign(allocation, {
          ClientStatus: "unknown",
          ClientDescription: "alloc is unknown since its node is disconnected",
        });
      for (const node of state.nodes) Object.assign(node, { Status: "disconnected" });
    },
  },
  first: /waiting: 0 of 3 running.*\nWhy: api\[\d\] .*cannot be seen: node \S+ is disconnected/,
  never: [/crash|exits/],
  tokens: 420,
  requests: 20,
};
