import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a datacenter that has no node",
  happens: [{ submit: mock({}, {}, { Datacenters: ["dc-typo"] }) }, { pass: 15 }],
  real: true,
  first: /not placed: 0 of 1 running.*\nWhy: no node in datacenter dc-typo; ready nodes are in /,
  says: [/Next: set datacenters to /],
  never: [/driver|memory/],
  tokens: 200,
  requests: 12,
};
