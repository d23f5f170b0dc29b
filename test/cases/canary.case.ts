import type { Case } from "./case.ts";

export const fault: Case = {
  about: "a canary is healthy and waits for somebody to promote it",
  recorded: { folder: "canary-waiting" },
  first: /waiting for promotion: 1 of 1 canary of version 1 healthy; 2 allocations of version 0 run on/,
  says: [/Next: 1\. .*promote/],
  never: [/Why:/, /crash/],
  tokens: 220,
  requests: 16,
};
