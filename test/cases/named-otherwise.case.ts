import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a job that is asked for by its name, where its id is another",
  happens: [{ submit: (id) => ({ ...mock()(id), ...{ Name: `${id} of the shop` } }) }, { pass: 15 }],
  real: true,
  tool: "get_job_status",
  args: (id) => ({ job_id: `${id("main")} of the shop` }),
  first: /^\((\S+) of the shop is the name of job \1\)\n\1 \(service, namespace default\): running: 1 of 1/,
  tokens: 150,
  requests: 17,
};
