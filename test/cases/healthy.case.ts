import { type Case, deployedSoon, mock } from "./case.ts";

export const fault: Case = {
  about: "all is well since the last change: a short answer",
  happens: [
    { submit: mock({}, { Count: 2, ...deployedSoon }) },
    { deployed: "main" },
    { submit: mock({ stdout_string: "v2" }, { Count: 2, ...deployedSoon }) },
    { pass: 60 },
  ],
  real: true,
  first: /running: 2 of 2 healthy \(no check: ran for <1s\), version 1 submitted .*\nChanged: version 1 \(.*\):/,
  says: [/stdout_string/],
  never: [/Why:|Next:|Last hour/],
  tokens: 120,
  requests: 12,
};
