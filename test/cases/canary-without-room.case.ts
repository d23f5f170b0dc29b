import { type Case, deployedSoon, mock } from "./case.ts";

const group = (canary: number) => ({
  Count: 6,
  ...deployedSoon,
  Update: { ...deployedSoon.Update, Canary: canary },
  Networks: [{ ReservedPorts: [{ Label: "web", Value: 18099 }] }],
});

export const fault: Case = {
  about: "a canary for whose static port no node is left",
  happens: [
    { submit: mock({}, group(0)) },
    { deployed: "main" },
    { submit: mock({ run_for: "2h" }, group(1)) },
    { pass: 15 },
  ],
  demo: false,
  real: true,
  first:
    /: 6 of 6 healthy, 1 not placed.*\nWhy: port 18099 \(web\) is held by its own version 0 on (\d) of \1 nodes, and a canary needs a node of its own/,
  says: [/\d\. set canary = 0 in the update block/],
  never: [/free port/],
  tokens: 300,
  requests: 18,
};
