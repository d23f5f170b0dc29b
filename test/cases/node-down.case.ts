import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a node is gone, and with it the only allocation of a job that fits nowhere else",
  happens: [
    { submit: mock({}, noDeployment, { Datacenters: ["dc2"] }) },
    { submit: mock({}, noDeployment, { Datacenters: ["dc2"] }), as: "neighbour" },
    { pass: 20 },
    { node: "client-3", becomes: "down" },
    { pass: 140 },
  ],
  first: /not placed: 0 of 1 running.*\nWhy: no node in datacenter dc2 takes work: client-3 is down/,
  says: [/Last hour[\s\S]*client-3: heartbeat missed/, /api\[0\]: leaves client-3/],
  never: [/exits with/],
  tokens: 330,
  requests: 20,
};
