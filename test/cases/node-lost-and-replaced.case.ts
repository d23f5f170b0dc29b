import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a node is gone, and what was lost with it runs elsewhere",
  happens: [
    { submit: mock({}, { Count: 3, ...noDeployment }) },
    { pass: 30 },
    { node: "client-1", becomes: "down" },
    { pass: 140 },
  ],
  first: /running: 3 of 3 (healthy|running)/,
  says: [/Around: node client-1 is down for 2m/, /api\[\d\].*: leaves? client-1/],
  never: [/Why: no/],
  tokens: 260,
  requests: 20,
};
