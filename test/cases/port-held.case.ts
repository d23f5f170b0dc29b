import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

const port = { ...noDeployment, Networks: [{ ReservedPorts: [{ Label: "web", Value: 18088 }] }] };

export const fault: Case = {
  about: "a static port that another job holds on every node",
  happens: [
    { submit: mock({}, { Count: 6, ...port }), as: "edge" },
    { pass: 10 },
    { submit: mock({}, port) },
    { pass: 15 },
  ],
  real: true,
  first:
    /not placed: 0 of 1 running.*\nWhy: port 18088 \(web\) is held by contract-port-held-edge-\w+ on (\d) of \1 nodes/,
  says: [/use a dynamic port for web/, /stop contract-port-held-edge-\w+ or give it another port/],
  never: [/lower the count/],
  tokens: 230,
  requests: 16,
};
