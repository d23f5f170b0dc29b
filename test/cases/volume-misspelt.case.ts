import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a host volume that is called otherwise",
  happens: [
    { volume: "contract-uploads", on: "client-1", access: "single-node-writer" },
    { submit: mock({}, { Volumes: { data: { Name: "data", Type: "host", Source: "contract-upload" } } }) },
    { pass: 15 },
  ],
  real: true,
  first: /not placed: 0 of 1 running.*\nWhy: no node has a host volume contract-upload; there is contract-uploads/,
  says: [/set source = "contract-uploads" in the volume block/],
  tokens: 230,
  requests: 16,
};
