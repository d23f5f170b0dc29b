import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a service runs and nobody answers its health check",
  happens: [
    {
      submit: mock(
        {},
        {
          Update: { MaxParallel: 1, MinHealthyTime: 100e6, HealthyDeadline: 4e9, ProgressDeadline: 6e9 },
          Networks: [{ DynamicPorts: [{ Label: "http" }] }],
          Services: [
            {
              Name: "shop-api",
              Provider: "nomad",
              PortLabel: "http",
              Checks: [{ Name: "alive", Type: "http", Path: "/health", Interval: 1e9, Timeout: 1e9 }],
            },
          ],
        },
      ),
    },
    { pass: 20 },
  ],
  real: true,
  first: /1 running.*\nWhy: api\[0\] .*check alive of service shop-api fails: .*\/health.*connection refused/,
  says: [/Next: .*make check alive of service shop-api pass \(it asks http:\/\/\S+:\d+\/health\)/],
  never: [/exits with|crash/],
  tokens: 320,
  requests: 18,
};
