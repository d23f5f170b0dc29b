import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "no node has the driver",
  happens: [{ submit: mock({}, { Tasks: [{ Name: "server", Driver: "nosuch" }] }) }, { pass: 15 }],
  real: true,
  first: /not placed: 0 of 1 running.*\nWhy: the driver nosuch is missing or unhealthy on (\d+) of \1 nodes?/,
  says: [/Next: use another driver/],
  never: [/memory|constraint/],
  tokens: 200,
  requests: 12,
};
