import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a run that goes on although its parent was purged, sought by the parent's name",
  happens: [
    { submit: mock({}, {}, { Type: "batch", ParameterizedJob: { Payload: "optional" } }) },
    { dispatch: "main" },
    { pass: 5 },
    { purge: "main" },
  ],
  real: true,
  tool: "search_nomad",
  args: (id) => ({ text: id("main") }),
  first: /: 1 job\n1 run goes on although the parent is gone; stop_job job_id=\S+\/dispatch-\S+ ends it/,
  says: [/\/dispatch-\S+ +\S+ +batch +running, its parent is gone/],
  never: [/Nothing found/],
  tokens: 160,
  requests: 20,
};
