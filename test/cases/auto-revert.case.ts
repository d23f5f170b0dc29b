import type { Case } from "./case.ts";

export const fault: Case = {
  about: "a version fails and Nomad goes back to the one before",
  recorded: { folder: "auto-revert" },
  first:
    /rolled back: version 1 failed .*version 0 runs again as version 2.*\nWhy: api\[0\] .*of version 1: task server/,
  says: [/Last hour[\s\S]*rolled back: version 0 again, as version 2/],
  never: [/crash looping/],
  tokens: 420,
  requests: 18,
};
