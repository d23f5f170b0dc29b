import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock, restarted } from "./case.ts";

export const fault: Case = {
  about: "what is placed on one node cannot be started there, whatever it is",
  happens: [
    {
      submit: mock(
        { start_error: "Failed to connect to docker daemon" },
        { ...noDeployment, ...restarted },
        { Datacenters: ["dc2"] },
      ),
      as: "neighbour",
    },
    {
      submit: mock(
        { start_error: "Failed to connect to docker daemon" },
        { ...noDeployment, ...restarted },
        { Datacenters: ["dc2"] },
      ),
    },
    { pass: 40 },
  ],
  first: /\nWhy: api\[0\] .*task server cannot be started: Failed to connect to docker daemon/,
  says: [/Around: on client-3 fail too: contract-driver-fails-on-a-node-neighbour-\w+ in the same way/],
  tokens: 340,
  requests: 18,
};
