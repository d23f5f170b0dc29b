import { type Case, mock, task } from "./case.ts";

export const fault: Case = {
  about: "a task that asks for more memory than any node has",
  happens: [
    { submit: mock({}, { Tasks: [{ ...task("server"), Resources: { CPU: 20, MemoryMB: 900_000 } }] }) },
    { pass: 15 },
  ],
  real: true,
  first:
    /not placed: 0 of 1 running.*\nWhy: no node has 900,000 MB of memory for task server; .*the largest has [\d,]+ MB/,
  says: [/Next: ask for less than/],
  tokens: 200,
  requests: 12,
};
