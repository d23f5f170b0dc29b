import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "the only node of a datacenter is drained: what ran there has no place",
  happens: [
    { submit: mock({}, noDeployment, { Datacenters: ["dc2"] }) },
    { pass: 20 },
    { node: "client-3", becomes: "drained" },
    { pass: 60 },
  ],
  first: /not placed: 0 of 1 running.*\nWhy: no node in datacenter dc2 takes work: client-3 is (ineligible|draining)/,
  says: [/Last hour[\s\S]*client-3: .*drain/, /let client-3 take work again/],
  never: [/ is down/],
  tokens: 330,
  requests: 20,
};
