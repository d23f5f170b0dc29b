import type { Case } from "./case.ts";

export const fault: Case = {
  about: "a job that Nomad has deleted since it ended: nothing tells it from one that never was",
  real: true,
  tool: "get_job_status",
  refused: true,
  first:
    /There is no job .* Nomad has deleted it since it ended \(after job_gc_threshold, usually 4h, or by a collection of garbage\)/,
  never: [/submit its job file again/],
  tokens: 90,
  requests: 15,
};
