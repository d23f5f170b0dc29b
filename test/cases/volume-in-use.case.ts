import { type Case, mock } from "./case.ts";

const access = { AccessMode: "single-node-single-writer", AttachmentMode: "file-system" };
const volumes = { Volumes: { data: { Name: "data", Type: "host", Source: "contract-scratch", ...access } } };

export const fault: Case = {
  about: "a host volume for one writer, which another job has claimed",
  happens: [
    { volume: "contract-scratch", on: "client-1", access: "single-node-single-writer" },
    { submit: mock({}, volumes), as: "first" },
    { pass: 10 },
    { submit: mock({}, volumes) },
    { pass: 15 },
  ],
  real: true,
  first:
    /not placed: 0 of 1 running.*\nWhy: host volume contract-scratch \(on client-1\) has one writer at a time, and contract-volume-in-use-first-\w+ has claimed it/,
  says: [/stop contract-volume-in-use-first-\w+/],
  never: [/lack the host volume|create the volume on a node/],
  tokens: 240,
  requests: 16,
};
