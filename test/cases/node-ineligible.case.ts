import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "the nodes of a datacenter take no work",
  happens: [
    { node: "client-1", becomes: "ineligible" },
    { node: "client-2", becomes: "ineligible" },
    { submit: mock({}, {}, { Datacenters: ["dc1"] }) },
    { pass: 15 },
  ],
  first:
    /not placed: 0 of 1 running.*\nWhy: no node in datacenter dc1 takes work: client-[12] is ineligible and client-[12] is ineligible/,
  says: [/Next: let client-[12] take work again: set_node_eligibility node=client-[12] eligible=true/],
  tokens: 220,
  requests: 12,
};
