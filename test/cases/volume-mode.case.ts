import { type Case, mock } from "./case.ts";

const access = { AccessMode: "single-node-multi-writer", AttachmentMode: "file-system" };

export const fault: Case = {
  about: "a host volume that was made for another use than the job asks for",
  happens: [
    { volume: "contract-media", on: "client-1", access: "single-node-writer" },
    {
      submit: mock({}, { Volumes: { data: { Name: "data", Type: "host", Source: "contract-media", ...access } } }),
    },
    { pass: 15 },
  ],
  real: true,
  first:
    /not placed: 0 of 1 running.*\nWhy: host volume contract-media \(on client-1\) was created for single-node-writer, and the job asks for single-node-multi-writer/,
  says: [/set access_mode = "single-node-writer"/],
  never: [/lack the host volume|correct its name/],
  tokens: 240,
  requests: 16,
};
