import { type Case, deployedSoon, mock } from "./case.ts";

export const fault: Case = {
  about: "the job is there, and its count is 0",
  happens: [
    { submit: mock({}, { Count: 1, ...deployedSoon }) },
    { deployed: "main" },
    { submit: mock({}, { Count: 0, ...deployedSoon }) },
    { pass: 20 },
  ],
  real: true,
  first: /scaled to 0: nothing of it should run[\s\S]*Changed: version 1/,
  says: [/count: 1 -> 0/],
  never: [/Why:|dead/],
  tokens: 150,
  requests: 12,
};
