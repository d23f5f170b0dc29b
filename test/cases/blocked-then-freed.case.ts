import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "there was no place for a while; now it runs",
  happens: [
    { node: "client-3", becomes: "down" },
    { submit: mock({}, noDeployment, { Datacenters: ["dc2"] }) },
    { pass: 120 },
    { node: "client-3", becomes: "ready" },
    { pass: 60 },
  ],
  first: /running: 1 of 1 (healthy|running)/,
  says: [/Last hour[\s\S]*api: no place[\s\S]*room was found/],
  never: [/Why:/],
  tokens: 220,
  requests: 16,
};
